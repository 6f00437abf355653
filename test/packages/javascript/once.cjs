"use strict";
// Objects and indexes whose evaluation changes something, which happens once.

function once(x) {
  var seen = 0;
  var next = 0;
  var total = 0;
  var numbers = [x, x * x, 3];
  var record = {};
  var handlers = {
    double: function (v) {
      return 2 * v;
    },
    half: function (v) {
      return v / 2;
    },
  };
  function counted() {
    seen += 1;
    return handlers;
  }
  record[(seen++, "a")] = x;
  record[(seen++, "b")] = counted()["double"](x * x);
  total += handlers[(seen++, "half")](record.b);
  if (typeof numbers[next++] === "number") total += numbers[next++];
  numbers[next++] += x;
  [numbers[(seen++, 0)], record.a] = [record.a * total, numbers[2]];
  return total * numbers[2] + numbers[0] + seen * record.a + next * x;
}

module.exports = once;
