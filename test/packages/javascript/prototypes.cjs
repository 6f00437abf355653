"use strict";
// Constructor functions, inheritance by prototypes, `arguments`, `call` and `apply`.

function Vector(x, y) {
  if (!(this instanceof Vector)) return new Vector(x, y);
  this.x = x || 0;
  this.y = y || 0;
}

Vector.prototype.isVector = true;

Vector.prototype.add = function (other) {
  return new Vector(this.x + other.x, this.y + other.y);
};

Vector.prototype.scale = function (by) {
  this.x *= by;
  this.y *= by;
  return this;
};

Vector.prototype.norm = function () {
  return Math.sqrt(this.x * this.x + this.y * this.y);
};

function Weighted(x, y, weight) {
  Vector.call(this, x, y);
  if (weight !== undefined) this.weight = weight;
  else this.weight = 1;
}

Weighted.prototype = Object.create(Vector.prototype);
Weighted.prototype.constructor = Weighted;
Weighted.prototype.norm = function () {
  return this.weight * Vector.prototype.norm.apply(this, arguments);
};

function sum() {
  var total = 0;
  for (var i = 0; i < arguments.length; i++) total += arguments[i];
  return total;
}

function largest(list) {
  return Math.max.apply(null, list);
}

function rest() {
  return sum.apply(null, Array.prototype.slice.call(arguments, 1));
}

module.exports = { Vector: Vector, Weighted: Weighted, sum: sum, largest: largest, rest: rest };
