/* The loop for one sample, for one kind of float and one of places: included four times. Operations come in runs of equal
   ones, so that the loop need not ask at each what it is. */

#define RUN(code, f) case code: for (; p < end; p += 3) w[p[2]] = f(w[p[0]], w[p[1]]); break;

static void NAMED(const long long *runs, long n, const place *p, real *w) {
    for (const long long *run = runs; run < runs + 2 * n; run += 2) {
        const place *end = p + 3 * run[1];
        switch (run[0]) {
            IN_LINE(RUN)
            default: for (; p < end; p += 3) w[p[2]] = (real)function((int)run[0], w[p[0]], w[p[1]]);
        }
    }
}

#undef RUN
