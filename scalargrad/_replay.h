/* The loops of _replay.pyx for one kind of float: included twice, with `real` and `NAMED(f)` defined. */

/* Each operation in three variants: two rows; a row and a number that all samples share; such a number and a row.
   Rows never overlap but where they are the same, so the compiler may take several samples at once. */
#define EACH(expression) { VECTORIZE for (long i = 0; i < lanes; i++) z[i] = (expression); break; }
#define OPERATION(code, f) \
    case 3 * code: EACH(f(a[i], b[i])) \
    case 3 * code + 1: EACH(f(a[i], y)) \
    case 3 * code + 2: EACH(f(x, b[i]))

CLONES static void NAMED(rows)(const int *t, long n, real *work, long width, const real *shared) {
    const long lanes = width & ~7L;
    for (const int *end = t + 4 * n; t < end; t += 4) {
        const int left = t[1], right = t[2];
        const real *a = work + (left < 0 ? 0 : left) * lanes, *b = work + (right < 0 ? 0 : right) * lanes;
        const real x = left < 0 ? shared[~left] : 0, y = right < 0 ? shared[~right] : 0;
        real *z = work + t[3] * lanes;
        switch (3 * t[0] + (left < 0 ? 2 : right < 0)) {
            OPERATION(ADD, PLUS) OPERATION(SUB, MINUS) OPERATION(MUL, TIMES) OPERATION(DIV, OVER)
            OPERATION(NEG, NEGATIVE) OPERATION(MAX, MAXIMUM) OPERATION(MIN, MINIMUM)
            OPERATION(STEP, STEP_OF) OPERATION(RELU, RELU_OF) OPERATION(ABS, ABSOLUTE) OPERATION(SQRT, ROOT)
            default:
                for (long i = 0; i < lanes; i++)
                    z[i] = (real)function(t[0], left < 0 ? x : a[i], right < 0 ? y : b[i]);
        }
    }
}

CLONES static void NAMED(sums)(const real *work, long width, long samples, const int *rows, long n, real *sums) {
    for (long k = 0; k < n; k++) {
        const real *row = work + rows[k] * width;
        real *total = sums + 8 * k;
        long i = 0;
        for (; i + 8 <= samples; i += 8)
            for (int j = 0; j < 8; j++)
                total[j] += row[i + j];
        for (int j = 0; i + j < samples; j++)
            total[j] += row[i + j];
    }
}

#undef EACH
#undef OPERATION
