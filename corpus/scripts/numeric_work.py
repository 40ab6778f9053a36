"""Numerical work without end. Argument: solve|fft|svd|sparse|ode|stats|nbody|pyfftw|montecarlo."""
import sys
import numpy as np

kind = sys.argv[1]
draw = np.random.default_rng(1)


def sparse():
    from scipy.sparse import diags
    from scipy.sparse.linalg import spsolve
    n = 300
    band = [np.full(n * n, 4.0), np.full(n * n - 1, -1.0), np.full(n * n - n, -1.0)]
    grid = diags([band[0], band[1], band[1], band[2], band[2]], [0, 1, -1, n, -n], format="csc")
    return lambda: spsolve(grid, np.ones(n * n))


def ode():
    from scipy.integrate import solve_ivp
    lorenz = lambda t, s: [10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8 / 3 * s[2]]
    return lambda: solve_ivp(lorenz, (0, 40), [1, 1, 1], rtol=1e-9)


def nbody():
    import numba

    @numba.njit(fastmath=True)
    def step(p, v, steps):
        for _ in range(steps):
            for i in range(len(p)):
                a0 = a1 = a2 = 0.0
                for j in range(len(p)):
                    d0, d1, d2 = p[j, 0] - p[i, 0], p[j, 1] - p[i, 1], p[j, 2] - p[i, 2]
                    r = (d0 * d0 + d1 * d1 + d2 * d2 + 0.01) ** -1.5
                    a0 += d0 * r
                    a1 += d1 * r
                    a2 += d2 * r
                v[i, 0] += a0 * 1e-4
                v[i, 1] += a1 * 1e-4
                v[i, 2] += a2 * 1e-4
            p += v * 1e-4
    p, v = draw.normal(size=(1000, 3)), np.zeros((1000, 3))
    return lambda: step(p, v, 10)


def fast_fourier():
    import pyfftw
    a = pyfftw.empty_aligned((512, 512), "complex128")
    a[:] = draw.normal(size=(512, 512))
    return pyfftw.builders.fft2(a, planner_effort="FFTW_ESTIMATE")


a = draw.normal(size=(900, 900))
work = {
    "solve": lambda: lambda: np.linalg.solve(a, a),
    "fft": lambda: lambda: np.fft.fft2(a),
    "svd": lambda: lambda: np.linalg.svd(a[:400, :400]),
    "stats": lambda: lambda: np.median(np.sort(np.sin(a) * np.exp(-a * a), axis=1).cumsum(0)),
    "montecarlo": lambda: lambda: (draw.random((2, 2_000_000)) ** 2).sum(0).mean(),
    "sparse": sparse, "ode": ode, "nbody": nbody, "pyfftw": fast_fourier,
}[kind]()
work()
print("ready", flush=True)
while True:
    work()
