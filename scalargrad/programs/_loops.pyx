# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The loops of `loops.py` in C: the same instructions, the same floats. A tape is checked when its program is made."""

cdef extern from *:
    """
    #include <math.h>

    enum {ADD, SUB, MUL, DIV, NEG, MAX, MIN, STEP, GREATER, RELU, ABS,  /* the order of loops.INSTRUCTION_SET */
          EXP, LOG, SQRT, SIN, COS, TANH, SIGMOID, POW, XLOGY};

    #define PLUS(a, b) ((a) + (b))
    #define MINUS(a, b) ((a) - (b))
    #define TIMES(a, b) ((a) * (b))
    #define OVER(a, b) ((a) / (b))
    #define NEGATIVE(a, b) (-(a))
    #define MAXIMUM(a, b) ((a) != (a) || (a) >= (b) ? (a) : (b))
    #define MINIMUM(a, b) ((a) != (a) || (a) <= (b) ? (a) : (b))
    #define STEP_OF(a, b) ((a) != (a) ? (a) : (a) > 0)
    #define GREATER_OF(a, b) ((a) != (a) ? (a) : (b) != (b) ? (b) : (a) > (b))
    #define RELU_OF(a, b) (0 >= (a) ? 0 : (a))
    #define ABSOLUTE(a, b) fabs(a)
    #define ROOT(a, b) sqrt(a)

    static inline double natural_log(double x) { return x >= 0 ? log(x) : NAN; }

    static double function(int code, double a, double b) {
        double e;
        switch (code) {
            case EXP: return exp(a);
            case LOG: return natural_log(a);
            case SIN: return sin(a);
            case COS: return cos(a);
            case TANH: return tanh(a);
            case SIGMOID:
                if (a >= 0) return 1 / (1 + exp(-a));
                e = exp(a);
                return e / (1 + e);
            case POW: return pow(a, b);
            default: return a == 0 && b == 0 ? a : a * natural_log(b);  /* XLOGY */
        }
    }

    /* Where the compiler can, the loops over rows are compiled for processors with AVX2 too, and chosen at run time. */
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
    #define CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define CLONES
    #endif
    #if defined(__clang__)
    #define VECTORIZE _Pragma("clang loop vectorize(assume_safety)")
    #elif defined(__GNUC__)
    #define VECTORIZE _Pragma("GCC ivdep")
    #else
    #define VECTORIZE
    #endif

    #define real double
    #define NAMED(f) f##_double
    #include "_loops.h"
    #undef NAMED
    #define place unsigned short
    #define NAMED once_double_16
    #include "_loops_once.h"
    #undef place
    #undef NAMED
    #define place unsigned int
    #define NAMED once_double_32
    #include "_loops_once.h"
    #undef place
    #undef NAMED
    #undef real
    #define real float
    #define NAMED(f) f##_float
    #include "_loops.h"
    #undef NAMED
    #define place unsigned short
    #define NAMED once_float_16
    #include "_loops_once.h"
    #undef place
    #undef NAMED
    #define place unsigned int
    #define NAMED once_float_32
    #include "_loops_once.h"
    """
    void rows_double(const int *, const unsigned char *, long, double *, long, const double *) noexcept nogil
    void rows_float(const int *, const unsigned char *, long, float *, long, const float *) noexcept nogil
    void once_double_16(const long long *, long, const unsigned short *, double *) noexcept nogil
    void once_double_32(const long long *, long, const unsigned int *, double *) noexcept nogil
    void once_float_16(const long long *, long, const unsigned short *, float *) noexcept nogil
    void once_float_32(const long long *, long, const unsigned int *, float *) noexcept nogil
    void sums_double(const double *, long, long, const int *, const int *, long, double *) noexcept nogil
    void sums_float(const float *, long, long, const int *, const int *, long, float *) noexcept nogil

ctypedef fused real:
    float
    double

ctypedef unsigned short unsigned_short
ctypedef unsigned int unsigned_int

ctypedef fused place:
    unsigned_short
    unsigned_int


def run_once(const long long[:, ::1] runs, const place[:, ::1] places, real[::1] work):
    """`loops.run_once_in_numpy`."""
    if not runs.shape[0]:
        return
    with nogil:
        if real is double and place is unsigned_short:
            once_double_16(&runs[0, 0], runs.shape[0], &places[0, 0], &work[0])
        elif real is double:
            once_double_32(&runs[0, 0], runs.shape[0], &places[0, 0], &work[0])
        elif place is unsigned_short:
            once_float_16(&runs[0, 0], runs.shape[0], &places[0, 0], &work[0])
        else:
            once_float_32(&runs[0, 0], runs.shape[0], &places[0, 0], &work[0])


def run_rows(const int[:, ::1] tape, const unsigned char[::1] single, real[:, ::1] work, real[::1] shared):
    """`loops.run_rows_in_numpy`."""
    cdef real *numbers = NULL
    if not tape.shape[0]:
        return
    if work.shape[1] % 8:
        raise ValueError("rows must be a multiple of 8 long")
    if single.shape[0] != tape.shape[0]:
        raise ValueError("there must be a mark for each instruction")
    if shared.shape[0]:
        numbers = &shared[0]
    with nogil:
        if real is double:
            rows_double(&tape[0, 0], &single[0], tape.shape[0], &work[0, 0], work.shape[1], numbers)
        else:
            rows_float(&tape[0, 0], &single[0], tape.shape[0], &work[0, 0], work.shape[1], numbers)


def sum_rows(real[:, ::1] work, Py_ssize_t samples, const int[::1] rows, const int[::1] factors, real[:, ::1] sums):
    """`loops.sum_rows_in_numpy`."""
    if not rows.shape[0] or not work.shape[1]:
        return
    if factors.shape[0] != rows.shape[0] or sums.shape[0] != 8 or sums.shape[1] != rows.shape[0]:
        raise ValueError("there must be a factor, or none, and eight parts for each sum")
    with nogil:
        if real is double:
            sums_double(&work[0, 0], work.shape[1], samples, &rows[0], &factors[0], rows.shape[0], &sums[0, 0])
        else:
            sums_float(&work[0, 0], work.shape[1], samples, &rows[0], &factors[0], rows.shape[0], &sums[0, 0])
