/* The loops of _loops.pyx for one kind of float: included twice, with `real` and `NAMED(f)` defined. */

/* Each operation in three variants: two rows; a row and a number that all samples share; such a number and a row.
   Rows never overlap but where they are the same, so the compiler may take several samples at once. */
#define EACH(expression) { VECTORIZE for (long i = 0; i < lanes; i++) z[i] = (expression); break; }
#define OPERATION(code, f) \
    case 3 * code: EACH(f(a[i], b[i])) \
    case 3 * code + 1: EACH(f(a[i], y)) \
    case 3 * code + 2: EACH(f(x, b[i]))

/* z = y + a*b, and z = z' + a*b again and again: the sum stays in registers, and the products and the sums on the way
   are read by nobody else (`single`), so they are not written. Each product and each sum is rounded as by itself. */
#define MOST 64
typedef struct { const real *a, *b; real x; } NAMED(term);
#define SUMMED(product) { \
    real sum[8]; \
    for (int j = 0; j < 8; j++) sum[j] = y ? y[i + j] : start; \
    for (const NAMED(term) *term = terms; term < last; term++) \
        for (int j = 0; j < 8; j++) sum[j] += (product); \
    for (int j = 0; j < 8; j++) z[i + j] = sum[j]; }

CLONES static void NAMED(products)(const NAMED(term) *terms, const NAMED(term) *last, const real *y, real start,
                                   real *z, long lanes) {
    if (terms->b) for (long i = 0; i < lanes; i += 8) SUMMED(term->a[i + j] * term->b[i + j])
    else for (long i = 0; i < lanes; i += 8) SUMMED(term->a[i + j] * term->x)
}

/* Whether here are a product and the sum that it is for, and for nothing else. */
static inline int NAMED(starts)(const int *t, const unsigned char *single, const int *end) {
    return t[0] == MUL && t + 4 < end && t[4] == ADD && single[0] && (t[5] == t[3]) != (t[6] == t[3]);
}

CLONES static void NAMED(rows)(const int *t, const unsigned char *single, long n, real *work, long width,
                               const real *shared) {
    const long lanes = width & ~7L;
    for (const int *end = t + 4 * n; t < end; t += 4, single++) {
        if (NAMED(starts)(t, single, end)) {
            NAMED(term) terms[MOST];
            const int first = t[5] == t[3] ? t[6] : t[5], numbers = t[1] < 0 || t[2] < 0;
            int count = 0;
            do {
                terms[count].a = work + (t[1] < 0 ? t[2] : t[1]) * lanes;
                terms[count].b = numbers ? 0 : work + t[2] * lanes;
                terms[count++].x = numbers ? shared[~(t[1] < 0 ? t[1] : t[2])] : 0;
                t += 8, single += 2;  /* at what comes after the sum */
            } while (count < MOST && single[-1] && NAMED(starts)(t, single, end)
                     && (t[5] == t[-1] || t[6] == t[-1]) && (t[1] < 0 || t[2] < 0) == numbers);
            NAMED(products)(terms, terms + count, first < 0 ? 0 : work + first * lanes, first < 0 ? shared[~first] : 0,
                            work + t[-1] * lanes, lanes);
            t -= 4, single--;
            continue;
        }
        const int left = t[1], right = t[2];
        const real *a = work + (left < 0 ? 0 : left) * lanes, *b = work + (right < 0 ? 0 : right) * lanes;
        const real x = left < 0 ? shared[~left] : 0, y = right < 0 ? shared[~right] : 0;
        real *z = work + t[3] * lanes;
        switch (3 * t[0] + (left < 0 ? 2 : right < 0)) {
            IN_LINE(OPERATION)
            default:
                for (long i = 0; i < lanes; i++)
                    z[i] = (real)function(t[0], left < 0 ? x : a[i], right < 0 ? y : b[i]);
        }
    }
}

#define TOTAL(term) { \
    for (; i + 8 <= samples; i += 8) \
        for (int j = 0; j < 8; j++) total[j] += (term); \
    for (int j = 0; i + j < samples; j++) total[j] += (term); }

CLONES static void NAMED(sums)(const real *work, long width, long samples, const int *rows, const int *factors, long n,
                               real *sums) {
    for (long k = 0; k < n; k++) {
        const real *a = work + rows[k] * width, *b = work + (factors[k] < 0 ? 0 : factors[k]) * width;
        real total[8];
        long i = 0;
        for (int j = 0; j < 8; j++) total[j] = sums[j * n + k];
        if (factors[k] < 0) TOTAL(a[i + j])
        else TOTAL(a[i + j] * b[i + j])
        for (int j = 0; j < 8; j++) sums[j * n + k] = total[j];
    }
}

#undef TOTAL
#undef EACH
#undef MOST
#undef SUMMED
#undef OPERATION
