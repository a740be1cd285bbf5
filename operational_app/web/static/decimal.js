// Exact decimals for totals on the screen: an amount is a whole number (BigInt) and a count of decimals, never a float.
"use strict";

const decimal = {
  zero: { digits: 0n, places: 0 },

  /** What a person typed as a decimal; null where it is none. Full-width digits and grouping commas are understood. */
  parse(text) {
    const plain = text.normalize("NFKC").replace(/[,\s\u00a0]/g, "");
    const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(plain);
    if (!match || !(match[2] || match[3])) return null;
    const fraction = match[3] || "";
    const digits = BigInt((match[2] || "0") + fraction);
    return { digits: match[1] ? -digits : digits, places: fraction.length };
  },

  atPlaces(value, places) {
    return value.digits * 10n ** BigInt(places - value.places);
  },

  add(a, b) {
    const places = Math.max(a.places, b.places);
    return { digits: decimal.atPlaces(a, places) + decimal.atPlaces(b, places), places };
  },

  subtract(a, b) {
    return decimal.add(a, { digits: -b.digits, places: b.places });
  },

  multiply(a, b) {
    return { digits: a.digits * b.digits, places: a.places + b.places };
  },

  /** Rounded half away from zero, as the books round (core/money.py). */
  round(value, places) {
    if (value.places <= places) return { digits: decimal.atPlaces(value, places), places };
    const factor = 10n ** BigInt(value.places - places);
    const size = value.digits < 0n ? -value.digits : value.digits;
    const rounded = (2n * size + factor) / (2n * factor);
    return { digits: value.digits < 0n ? -rounded : rounded, places };
  },

  /** With grouping, at least so many decimals. */
  format(value, least) {
    const places = Math.max(value.places, least);
    const digits = decimal.atPlaces(value, places);
    const text = (digits < 0n ? -digits : digits).toString().padStart(places + 1, "0");
    const whole = text.slice(0, text.length - places).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    return (digits < 0n ? "-" : "") + whole + (places ? "." + text.slice(-places) : "");
  },
};
