"""Fits the rational functions of the value format's truncated normals: python3 quantiles.py (needs mpmath).

Prints the coefficients of docs/value-format.md, in hexadecimal, with the maximum relative error of each
fit.
"""

from mpmath import binomial, cos, erfc, erfinv, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval, sqrt

mp.dps = 50


def single(x):
    """Returns the nearest f32 as an f64."""
    import struct

    return struct.unpack("f", struct.pack("f", float(x)))[0]


def chebyshev(a, b, count):
    return [(a + b) / 2 - (b - a) / 2 * cos(pi * i / (count - 1)) for i in range(count)]


def value(p, q, x):
    return polyval(p[::-1], x) / polyval(q[::-1], x)


def remez(f, a, b, n, m, grid=600, rounds=20):
    """Returns the rational function of degrees n and m, q[0] = 1, with minimum relative error on [a, b]."""
    size = n + m + 2
    points, xs = chebyshev(a, b, size), chebyshev(a, b, grid + 1)
    fs, error, best = [f(x) for x in xs], mpf(0), None
    for _ in range(rounds):
        fp = [f(x) for x in points]
        for _ in range(8):
            rows, right = matrix(size, size), matrix(size, 1)
            for i, x in enumerate(points):
                sign = (-1) ** i
                for j in range(n + 1):
                    rows[i, j] = x**j
                for j in range(1, m + 1):
                    rows[i, n + j] = -(fp[i] + sign * error * fp[i]) * x**j
                rows[i, size - 1] = -sign * fp[i]
                right[i] = fp[i]
            solution = lu_solve(rows, right)
            error = solution[size - 1]
        p = [solution[j] for j in range(n + 1)]
        q = [mpf(1)] + [solution[n + j] for j in range(1, m + 1)]
        errors = [value(p, q, x) / y - 1 for x, y in zip(xs, fs)]
        maximum = max(map(abs, errors))
        if best is None or maximum < best[0]:
            best = (maximum, p, q)
        extrema = []
        for i, e in enumerate(errors):
            left = i == 0 or abs(e) >= abs(errors[i - 1]) or e * errors[i - 1] < 0
            right_side = i == len(errors) - 1 or abs(e) >= abs(errors[i + 1]) or e * errors[i + 1] < 0
            if left and right_side:
                if extrema and errors[extrema[-1]] * e > 0:
                    if abs(e) > abs(errors[extrema[-1]]):
                        extrema[-1] = i
                else:
                    extrema.append(i)
        if len(extrema) < size or maximum < abs(error) * mpf("1.02"):
            break
        while len(extrema) > size:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        points = [xs[i] for i in extrema]
    return best


def least_squares(f, b, n, m, count=140, rounds=12):
    """Returns nearly the same by reweighted least squares, which converges where the exchange above does not."""
    xs = [b * (1 - cos(pi * (i + mpf(1) / 2) / count)) / 2 for i in range(count)]
    fs, weights, best = [f(x) for x in xs], [mpf(1)] * count, None
    q = [mpf(1)] + [mpf(0)] * m
    for number in range(rounds):
        rows, right = matrix(count, n + m + 1), matrix(count, 1)
        for i, x in enumerate(xs):
            scale = sqrt(weights[i]) / (abs(polyval(q[::-1], x)) * fs[i])
            for j in range(n + 1):
                rows[i, j] = scale * x**j
            for j in range(1, m + 1):
                rows[i, n + j] = -scale * fs[i] * x**j
            right[i] = scale * fs[i]
        solution = lu_solve(rows, right)
        p = [solution[j] for j in range(n + 1)]
        q = [mpf(1)] + [solution[n + j] for j in range(1, m + 1)]
        errors = [abs(value(p, q, x) / y - 1) for x, y in zip(xs, fs)]
        if best is None or max(errors) < best[0]:
            best = (max(errors), p, q)
        if number >= 3:
            total = sum(w * e for w, e in zip(weights, errors))
            weights = [w * e / total * count for w, e in zip(weights, errors)]
    return best


def show(name, coefficients, rounding=float):
    print(name, *(float(rounding(c)).hex() for c in coefficients), sep="\n  ")


def central():
    """z/t in powers of CENTRE32 - t^2: z = sqrt(2) erfinv(t), |z| <= 2.0005."""
    limit = (1 - erfc(mpf("2.0005") / sqrt(2))) ** 2
    centre = mpf(float.fromhex("0x1.d2853ep-1"))

    def f(w):
        return sqrt(pi / 2) if w == 0 else sqrt(mpf(2)) * erfinv(sqrt(w)) / sqrt(w)

    def around_centre(c):
        return [sum(ck * binomial(k, j) * centre ** (k - j) for k, ck in enumerate(c) if k >= j) * (-1) ** j for j in range(len(c))]

    with mp.workdps(40):
        error, p, q = remez(f, mpf(0), limit, 4, 4)
        p, q = around_centre(p), around_centre(q)
    show("P32", [c / q[0] for c in p], single)
    show("Q32", [c / q[0] for c in q], single)
    print("error before rounding", nstr(error, 4))


def tail_quantile(s, s0):
    """z where Q(z) = exp(-s^2/2), by Newton's method."""
    z = sqrt(s * s - log(2 * pi * s * s)) if s > 2.5 else (s - s0) * mpf("1.3")
    for _ in range(80):
        tail = erfc(z / sqrt(mpf(2))) / 2
        step = (-log(tail) - s * s / 2) * tail * sqrt(2 * pi) / exp(-z * z / 2)
        z -= step
        if abs(step) < mpf(10) ** -45 * max(abs(z), mpf(10) ** -15):
            break
    return z


def interior():
    """z/(s - s0) in powers of s - s0, s0 = sqrt(2 ln 2), s <= 15.2."""
    s0 = sqrt(2 * log(mpf(2)))
    with mp.workdps(90):
        error, p, q = least_squares(lambda v: tail_quantile(s0 + v, s0) / v, mpf("15.2") - s0, 9, 9)
    show("PQ64", p)
    show("QQ64", q)
    print("error", nstr(error, 4))


def mills_near():
    """Mills's ratio in powers of z - 1.75 to z = 39.75, for init-core's normal distribution."""
    with mp.workdps(90):
        ratio = lambda z: erfc(z / sqrt(mpf(2))) * sqrt(pi / 2) * exp(z * z / 2)
        error, p, q = least_squares(lambda v: ratio(v + mpf("1.75")), mpf(38), 8, 9, 160)
    show("MILLS_P", p)
    show("MILLS_Q", q)
    print("error", nstr(error, 4))


def mills_ratio(t):
    """z Q(z)/phi(z) from t = 1/z^2, by Laplace's continued fraction."""
    z, f = 1 / sqrt(t), mpf(0)
    for k in range(400, 0, -1):
        f = k / (z + f)
    return z / (z + f)


def far():
    for name, degree, f in [
        ("MILLS", 4, lambda t: (1 - mills_ratio(t)) / t),
        ("LNMILLS", 6, lambda t: -log(mills_ratio(t)) / t),
    ]:
        error, p, _ = remez(lambda t: mpf(1) if t < mpf(10) ** -12 else f(t), mpf(0), mpf(1) / 144, degree, 0, 300, 12)
        show(name, p)
        print("error", nstr(error, 4))


if __name__ == "__main__":
    central()
    interior()
    mills_near()
    far()
