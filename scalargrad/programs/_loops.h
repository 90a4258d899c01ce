/* The loops of _loops.pyx for one kind of float: included twice, with `real` and `NAMED(f)` defined. */

/* Each operation in three variants: two rows; a row and a number that all samples share; such a number and a row.
   Rows never overlap but where they are the same, so the compiler may take several samples at once. */
#define EACH(expression) { VECTORIZE for (long i = 0; i < lanes; i++) z[i] = (expression); break; }
#define OPERATION(code, f) \
    case 3 * code: EACH(f(a[i], b[i])) \
    case 3 * code + 1: EACH(f(a[i], y)) \
    case 3 * code + 2: EACH(f(x, b[i]))

/* z = first + a*b + a'*b' + …: the sum stays in the processor's registers, 16 samples or 8 at a time. What is shared by
   all samples is a number. Each product and each sum is rounded as by itself. */
#define SUM_OF(width, product) { \
    real sum[width]; \
    for (int j = 0; j < width; j++) sum[j] = y ? y[i + j] : first; \
    for (const int *term = terms; term < last; term += 2) { \
        const real *a = work + term[0] * lanes + i; \
        product; \
    } \
    for (int j = 0; j < width; j++) z[i + j] = sum[j]; }
#define OF_ROWS(width) { \
    const real *b = work + term[1] * lanes + i; \
    for (int j = 0; j < width; j++) sum[j] += a[j] * b[j]; }
#define OF_ROWS_AND_NUMBERS(width) { \
    const real b = shared[term[1]]; \
    for (int j = 0; j < width; j++) sum[j] += a[j] * b; }
#define SUMS(product) { \
    long i = 0; \
    for (; i + 16 <= lanes; i += 16) SUM_OF(16, product(16)) \
    for (; i < lanes; i += 8) SUM_OF(8, product(8)) \
    break; }

/* Run what `fused` in _loops.pyx made of a tape: over rows of `lanes` samples, a multiple of 8. */
CLONES static void NAMED(rows)(const int *t, const int *end, real *work, long lanes, const real *shared) {
    while (t < end) {
        const int code = t[0], left = t[1], right = t[2];
        real *z = work + t[3] * lanes;
        if (code < 0) {
            const int *terms = t + 4, *last = terms + 2 * right;
            const real *y = left < 0 ? 0 : work + left * lanes;
            const real first = left < 0 ? shared[~left] : 0;
            t = last;
            switch (code) {
                case SUM_OF_ROWS: SUMS(OF_ROWS)
                default: SUMS(OF_ROWS_AND_NUMBERS)
            }
            continue;
        }
        t += 4;
        const real *a = work + (left < 0 ? 0 : left) * lanes, *b = work + (right < 0 ? 0 : right) * lanes;
        const real x = left < 0 ? shared[~left] : 0, y = right < 0 ? shared[~right] : 0;
        switch (3 * code + (left < 0 ? 2 : right < 0)) {
            IN_LINE(OPERATION)
            default:
                for (long i = 0; i < lanes; i++)
                    z[i] = (real)function(code, left < 0 ? x : a[i], right < 0 ? y : b[i]);
        }
    }
}

/* The numbers of `count` samples, n of each, into rows, and out of them: both a line of the cache at a time. */
#define BY_LINES(n, assignment) \
    for (long first = 0; first < (n); first += 8) \
        for (long j = 0; j < count; j++) \
            for (long k = first; k < (n) && k < first + 8; k++) assignment;

#define TOTAL(term) { \
    for (; i + 8 <= count; i += 8) \
        for (int j = 0; j < 8; j++) total[j] += (term); \
    for (int j = 0; i + j < count; j++) total[j] += (term); }

CLONES static void NAMED(sums)(const real *work, long lanes, long count, Places terms, real *sums) {
    for (long k = 0; k < terms.n; k++) {
        const int factor = terms.columns[k];
        const real *a = work + terms.rows[k] * lanes, *b = work + (factor < 0 ? 0 : factor) * lanes;
        real total[8];
        long i = 0;
        for (int j = 0; j < 8; j++) total[j] = sums[j * terms.n + k];
        if (factor < 0) TOTAL(a[i + j])
        else TOTAL(a[i + j] * b[i + j])
        for (int j = 0; j < 8; j++) sums[j * terms.n + k] = total[j];
    }
}

/* All samples, in blocks of `most` or, at the end, as few as are left. */
static void NAMED(batch)(const int *code, const int *end, const Input *inputs, long n, real *work, long most,
                         const real *shared, long samples, Places outputs, real *found, long width, Places terms,
                         real *sums) {
    for (long start = 0; start < samples; start += most) {
        const long count = samples - start < most ? samples - start : most, lanes = (count + 7) / 8 * 8;
        real *rows = work, *out = found + start * width;
        for (const Input *input = inputs; input < inputs + n; rows += input++->size * lanes) {
            const real *x = (const real *)input->numbers + start * input->stride;
            BY_LINES(input->size, rows[k * lanes + j] = x[j * input->stride + k])
        }
        NAMED(rows)(code, end, work, lanes, shared);
        BY_LINES(outputs.n, out[j * width + outputs.columns[k]] = work[outputs.rows[k] * lanes + j])
        NAMED(sums)(work, lanes, count, terms, sums);
    }
}

#undef BY_LINES
#undef TOTAL
#undef EACH
#undef SUM_OF
#undef OF_ROWS
#undef OF_ROWS_AND_NUMBERS
#undef SUMS
#undef OPERATION
