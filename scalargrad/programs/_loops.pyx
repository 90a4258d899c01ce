# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The loops of `loops.py` in C: the same instructions, the same floats. A tape is checked when its program is made."""

cdef extern from *:
    """
    #include <math.h>

    enum {ADD, SUB, MUL, DIV, NEG, DIFFERENCE,  /* the order of loops.INSTRUCTION_SET */
          RELU, ABS, MAX, MIN, FMAX, FMIN, GATE, MOD,
          STEP, SIGN, FLOOR, CEIL, RINT, GREATER, LESS, LESS_EQUAL, EQUAL, BOTH_ZERO,
          EXP, LOG, EXPM1, LOG1P, EXP2, LOG2, LOG10, SIGMOID, LOG_SIGMOID, SOFTPLUS, LOGADDEXP, XLOGY, ERF,
          SQRT, CBRT, HYPOT,
          SIN, COS, TAN, ARCSIN, ARCCOS, ARCTAN, ARCTAN2, SINH, COSH, TANH, ARCSINH, ARCCOSH, ARCTANH,
          POW, POWER_SLOPE, POWER_LOG};

    /* Operations that the loops do in line */
    #define PLUS(a, b) ((a) + (b))
    #define MINUS(a, b) ((a) - (b))
    #define TIMES(a, b) ((a) * (b))
    #define OVER(a, b) ((a) / (b))
    #define NEGATIVE(a, b) (-(a))
    #define DIFFERENCE_OF(a, b) ((a) == (b) ? 0 : (a) - (b))
    #define RELU_OF(a, b) (0 >= (a) ? 0 : (a))
    #define ABSOLUTE(a, b) fabs(a)
    #define MAXIMUM(a, b) ((a) != (a) || (a) >= (b) ? (a) : (b))
    #define MINIMUM(a, b) ((a) != (a) || (a) <= (b) ? (a) : (b))
    #define FMAXIMUM(a, b) ((b) != (b) || (a) >= (b) ? (a) : (b))
    #define FMINIMUM(a, b) ((b) != (b) || (a) <= (b) ? (a) : (b))
    #define GATE_OF(a, b) ((a) != 0 ? (b) : -0.0)
    #define STEP_OF(a, b) ((a) != (a) ? (a) : (a) > 0)
    #define SIGN_OF(a, b) ((a) != (a) ? (a) : ((a) > 0) - ((a) < 0))
    #define FLOOR_OF(a, b) floor(a)
    #define CEIL_OF(a, b) ceil(a)
    #define RINT_OF(a, b) rint(a)
    #define GREATER_OF(a, b) ((a) != (a) ? (a) : (b) != (b) ? (b) : (a) > (b))
    #define LESS_OF(a, b) ((a) < (b))
    #define LESS_EQUAL_OF(a, b) ((a) <= (b))
    #define EQUAL_OF(a, b) ((a) == (b))
    #define BOTH_ZERO_OF(a, b) ((a) == 0 && (b) == 0)
    #define ROOT(a, b) sqrt(a)

    /* All of them, for `OPERATION(code, f)` of the one loop and of the other */
    #define IN_LINE(OPERATION) \
        OPERATION(ADD, PLUS) OPERATION(SUB, MINUS) OPERATION(MUL, TIMES) OPERATION(DIV, OVER) \
        OPERATION(NEG, NEGATIVE) OPERATION(DIFFERENCE, DIFFERENCE_OF) \
        OPERATION(RELU, RELU_OF) OPERATION(ABS, ABSOLUTE) OPERATION(MAX, MAXIMUM) OPERATION(MIN, MINIMUM) \
        OPERATION(FMAX, FMAXIMUM) OPERATION(FMIN, FMINIMUM) OPERATION(GATE, GATE_OF) \
        OPERATION(STEP, STEP_OF) OPERATION(SIGN, SIGN_OF) \
        OPERATION(FLOOR, FLOOR_OF) OPERATION(CEIL, CEIL_OF) OPERATION(RINT, RINT_OF) \
        OPERATION(GREATER, GREATER_OF) OPERATION(LESS, LESS_OF) OPERATION(LESS_EQUAL, LESS_EQUAL_OF) \
        OPERATION(EQUAL, EQUAL_OF) OPERATION(BOTH_ZERO, BOTH_ZERO_OF) OPERATION(SQRT, ROOT)

    /* The others, by the formulas of engine/numbers.py and engine/special.py and the same library's functions. Below
       zero C's logarithms are -nan or nan, which are one here. */
    static inline double xlogy(double x, double y) { return x == 0 && y == 0 ? x : x * log(y); }
    static inline double power(double a, double b) { return b == 2 ? a * a : pow(a, b); }
    static inline double softplus(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }
    static inline double modulo(double a, double b) {
        const double r = fmod(a, b);  /* which has the sign of a */
        return r == 0 ? copysign(0, b) : (r < 0) != (b < 0) ? r + b : r;
    }

    static double function(int code, double a, double b) {
        double e;
        switch (code) {
            case MOD: return modulo(a, b);
            case EXP: return exp(a);
            case LOG: return log(a);
            case EXPM1: return expm1(a);
            case LOG1P: return log1p(a);
            case EXP2: return exp2(a);
            case LOG2: return log2(a);
            case LOG10: return log10(a);
            case SIGMOID:
                if (a >= 0) return 1 / (1 + exp(-a));
                e = exp(a);
                return e / (1 + e);
            case LOG_SIGMOID: return -softplus(-a);
            case SOFTPLUS: return softplus(a);
            case LOGADDEXP:
                if (a == b) return a + 0.6931471805599453;  /* log 2 */
                e = a - b;
                return e > 0 ? a + log1p(exp(-e)) : e < 0 ? b + log1p(exp(e)) : e;
            case XLOGY: return xlogy(a, b);
            case ERF: return erf(a);
            case CBRT: return cbrt(a);
            case HYPOT: return hypot(a, b);
            case SIN: return sin(a);
            case COS: return cos(a);
            case TAN: return tan(a);
            case ARCSIN: return asin(a);
            case ARCCOS: return acos(a);
            case ARCTAN: return atan(a);
            case ARCTAN2: return atan2(a, b);
            case SINH: return sinh(a);
            case COSH: return cosh(a);
            case TANH: return tanh(a);
            case ARCSINH: return asinh(a);
            case ARCCOSH: return acosh(a);
            case ARCTANH: return atanh(a);
            case POW: return power(a, b);
            case POWER_SLOPE: return b == 0 ? b : b * power(a, b - 1);
            default: return xlogy(power(a, b), a);  /* POWER_LOG */
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
