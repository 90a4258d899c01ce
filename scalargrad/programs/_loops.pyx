# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The loops of `loops.py` in C: the same instructions, the same floats. A tape is checked when its program is made."""

from array import array
from math import prod

import numpy as np

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, strcmp

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

    /* The numbers of an input: from one sample to the next it is `stride` numbers, none if there is one for all. */
    typedef struct { const void *numbers; long stride, size; } Input;

    /* Which rows are returned, and in which columns; or which are summed, and the rows that each is multiplied by. */
    typedef struct { const int *rows, *columns; long n; } Places;

    /* A sum of products as one operation, in what `fused` makes of a tape. */
    enum {SUM_OF_ROWS = -1, SUM_OF_ROWS_AND_NUMBERS = -2};

    /* Where the compiler can, the loops over rows are compiled for processors with wider vectors too, and chosen at run
       time. */
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
    #define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
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
    enum: MUL, ADD, SUM_OF_ROWS, SUM_OF_ROWS_AND_NUMBERS
    ctypedef struct Input:
        const void *numbers
        long stride, size
    ctypedef struct Places:
        const int *rows
        const int *columns
        long n
    void batch_double(const int *, const int *, const Input *, long, double *, long, const double *, long,
                      Places, double *, long, Places, double *) noexcept nogil
    void batch_float(const int *, const int *, const Input *, long, float *, long, const float *, long,
                     Places, float *, long, Places, float *) noexcept nogil
    void once_double_16(const long long *, long, const unsigned short *, double *) noexcept nogil
    void once_double_32(const long long *, long, const unsigned int *, double *) noexcept nogil
    void once_float_16(const long long *, long, const unsigned short *, float *) noexcept nogil
    void once_float_32(const long long *, long, const unsigned int *, float *) noexcept nogil

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


def fused(const int[:, ::1] tape, const unsigned char[::1] single):
    """Instructions as `run_batch` takes them: a sum of products is one, if nothing else reads what is on the way to it.

    An instruction is four integers, as on the tape. A sum of products is its kind, the register of what it begins with,
    the number of products, the register of the result, and two operands for each product.
    """
    cdef Py_ssize_t k = 0, n = tape.shape[0], size = 0, begin, column
    cdef int first, numbers, a, b
    if single.shape[0] != n:
        raise ValueError("there must be a mark for each instruction")
    result = array("i", bytes(16 * n))
    cdef int[::1] code = result
    while k < n:
        if not begins_a_sum(tape, single, k):
            for column in range(4):
                code[size + column] = tape[k, column]
            size, k = size + 4, k + 1
            continue
        first = tape[k + 1, 2] if tape[k + 1, 1] == tape[k, 3] else tape[k + 1, 1]
        numbers = tape[k, 1] < 0 or tape[k, 2] < 0
        begin, size = size, size + 4
        while True:
            a, b = tape[k, 1], tape[k, 2]
            code[size] = b if a < 0 else a
            code[size + 1] = (~a if a < 0 else ~b) if numbers else b
            size, k = size + 2, k + 2  # after the sum
            if not (single[k - 1] and begins_a_sum(tape, single, k)):
                break
            if tape[k + 1, 1] != tape[k - 1, 3] and tape[k + 1, 2] != tape[k - 1, 3]:
                break
            if (tape[k, 1] < 0 or tape[k, 2] < 0) != numbers:
                break
        code[begin] = SUM_OF_ROWS_AND_NUMBERS if numbers else SUM_OF_ROWS
        code[begin + 1], code[begin + 2], code[begin + 3] = first, (size - begin - 4) // 2, tape[k - 1, 3]
    return result[:size]


cdef bint begins_a_sum(const int[:, ::1] tape, const unsigned char[::1] single, Py_ssize_t k) noexcept:
    """Whether here are a product and the sum that it is for, and for nothing else."""
    if k + 1 >= tape.shape[0] or tape[k, 0] != MUL or tape[k + 1, 0] != ADD or not single[k]:
        return False
    return (tape[k + 1, 1] == tape[k, 3]) != (tape[k + 1, 2] == tape[k, 3])


def run_batch(
    object tape,
    list inputs,
    real[:, ::1] work,
    const real[::1] shared,
    const int[::1] rows,
    const int[::1] columns,
    real[:, ::1] found,
    const int[::1] terms,
    const int[::1] factors,
    real[:, ::1] sums,
):
    """`loops.run_batch_in_numpy`."""
    cdef const int[::1] code = tape.code
    cdef long samples = found.shape[0], lanes = work.shape[1], i, n = len(inputs)
    cdef const int *end = &code[0] + code.shape[0]
    cdef const real[:, ::1] view
    cdef Places of_outputs = Places(&rows[0], &columns[0], rows.shape[0])
    cdef Places of_sums = Places(&terms[0], &factors[0], terms.shape[0])
    cdef Input *given
    if not samples:
        return
    if not lanes or lanes % 8:
        raise ValueError("rows must be a multiple of 8 long")
    given = <Input *>malloc((n + 1) * sizeof(Input))
    try:
        for i in range(n):
            view = inputs[i]
            given[i] = Input(&view[0, 0], view.shape[1] if view.shape[0] > 1 else 0, view.shape[1])
        with nogil:
            if real is double:
                batch_double(&code[0], end, given, n, &work[0, 0], lanes, &shared[0], samples,
                             of_outputs, &found[0, 0], found.shape[1], of_sums, &sums[0, 0])
            else:
                batch_float(&code[0], end, given, n, &work[0, 0], lanes, &shared[0], samples,
                            of_outputs, &found[0, 0], found.shape[1], of_sums, &sums[0, 0])
    finally:
        free(given)


# ---------------------------------------------------------------------------------------------------------------------
# One sample, the short way


cdef class Plan:
    """Where the arguments and the results of one sample stand, and what is run between: for `run_sample`."""

    cdef tuple parts, given, outputs, sums
    cdef bint single, few
    cdef const long long[:, ::1] runs
    cdef const unsigned short[:, ::1] places_16
    cdef const unsigned int[:, ::1] places_32
    cdef const double[::1] constants
    cdef const int[::1] results
    cdef Py_ssize_t registers
    cdef double *spare  # to work in: of a call that is over

    def __init__(self, signature, constants, tape):
        self.parts = signature, constants, tape
        ends = len(constants)  # registers are those of constants, of parameters, of inputs
        starts = {}
        for what in ("parameters", "inputs"):
            starts[what] = []
            for shape in getattr(signature, what):
                starts[what].append(ends)
                ends += prod(shape)
        self.given = tuple(zip((*signature.inputs, *signature.parameters), (*starts["inputs"], *starts["parameters"])))
        self.outputs, self.sums, self.single = signature.outputs, signature.summed, signature.single
        self.runs, places = tape.runs
        self.few = places.dtype == np.uint16
        if self.few:
            self.places_16 = places
        else:
            self.places_32 = places
        self.constants, self.results, self.registers = constants, tape.results, tape.registers

    def __dealloc__(self):
        free(self.spare)

    def __reduce__(self):
        return Plan, self.parts


def run_sample(Plan plan, tuple arrays):
    """The results of a program for one sample; or None, if the arguments take the long way through `Signature.bind`.

    Most need not: float64 arrays in C order and of the recorded shapes, and floats.
    """
    cdef double *work
    cdef Py_ssize_t start, k = 0
    if len(arrays) != len(plan.given):
        return None
    work, plan.spare = plan.spare, NULL  # no other thread can come between
    if work is NULL:
        work = <double *>malloc((plan.registers + 1) * sizeof(double))
    try:
        for x in arrays:
            shape, start = <tuple>plan.given[k]
            if not read(x, shape, work + start):
                return None
            k += 1
        if plan.constants.shape[0]:
            memcpy(work, &plan.constants[0], plan.constants.shape[0] * sizeof(double))
        if plan.runs.shape[0]:
            with nogil:
                if plan.few:
                    once_double_16(&plan.runs[0, 0], plan.runs.shape[0], &plan.places_16[0, 0], work)
                else:
                    once_double_32(&plan.runs[0, 0], plan.runs.shape[0], &plan.places_32[0, 0], work)
        k = 0
        outputs = [written(shape, plan.results, &k, work) for shape in plan.outputs]
        sums = [written(shape, plan.results, &k, work) for shape in plan.sums]
    finally:
        if plan.spare is NULL:
            plan.spare = work
        else:
            free(work)
    result = outputs[0] if plan.single else outputs
    return (result, sums) if plan.sums else result


cdef bint read(object x, tuple shape, double *place) except -1:
    """Copy the numbers of an argument, if that is all there is to do; else say no."""
    cdef Py_buffer view
    cdef bint fits
    if not shape and isinstance(x, float):
        place[0] = x
        return True
    if not isinstance(x, np.ndarray):
        return False
    try:
        PyObject_GetBuffer(x, &view, PyBUF_FORMAT | PyBUF_ND)  # in C order, or a BufferError
    except (BufferError, ValueError):
        return False
    fits = view.ndim == len(shape) and strcmp(view.format, b"d") == 0
    for k in range(len(shape)):
        fits = fits and view.shape[k] == shape[k]
    if fits:
        memcpy(place, view.buf, view.len)
    PyBuffer_Release(&view)
    return fits


cdef object written(tuple shape, const int[::1] registers, Py_ssize_t *k, const double *work):
    """The numbers of the next registers as an array, or a single one."""
    cdef Py_buffer view
    cdef double *numbers
    cdef Py_ssize_t i, n
    if not shape:
        k[0] += 1
        return float64(work[registers[k[0] - 1]])
    array = empty(shape)
    PyObject_GetBuffer(array, &view, PyBUF_WRITABLE)
    numbers, n = <double *>view.buf, view.len // sizeof(double)
    for i in range(n):
        numbers[i] = work[registers[k[0] + i]]
    k[0] += n
    PyBuffer_Release(&view)
    return array


cdef object empty = np.empty, float64 = np.float64
