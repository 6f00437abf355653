// A module for every loader, with a table, a value of a call at load, closures, and scratch.
(function (root, factory) {
  if (typeof exports === "object" && typeof module !== "undefined") module.exports = factory();
  else root.wrapped = factory();
})(this, function () {
  "use strict";

  var hypot = Math.hypot;
  var weights = [0.5, 0.25, 0.125];
  var unit = (function (inches) {
    return inches * 0.0254;
  })(12);
  var scratch = { x: 0, y: 0 };
  var last;

  function polynomial(coefficients) {
    return function evaluate(x) {
      var result = 0,
        k = coefficients.length;
      while (k--) result = result * x + coefficients[k];
      return result;
    };
  }

  function turn(point, angle) {
    scratch.x = point.x * Math.cos(angle) - point.y * Math.sin(angle);
    scratch.y = point.x * Math.sin(angle) + point.y * Math.cos(angle);
    return scratch;
  }

  function turnedLength(point, angle) {
    last = turn(point, angle);
    return hypot(last.x, 2 * last.y) * unit;
  }

  function classify(x) {
    var kind;
    if (x > 1) {
      kind = "far";
      var factor = 2;
    } else {
      kind = "near";
      factor = 3;
    }
    switch (kind) {
      case "far":
        return factor * x;
      default:
        return factor * x * x;
    }
  }

  return {
    weigh: polynomial(weights),
    polynomial: polynomial,
    turnedLength: turnedLength,
    classify: classify,
    area: function (r) {
      return this.shape.pi * r * r;
    },
    shape: { pi: 3.125 },
  };
});
