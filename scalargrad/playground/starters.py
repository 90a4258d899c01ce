"""Programs to start from.

>>> list(STARTERS)[0]
'x·x + x'
"""

STARTERS = {
    "x·x + x": """\
x = Value(3)
L = x*x + x
""",
    "micrograd's README": """\
from micrograd.engine import Value

a = Value(-4.0)
b = Value(2.0)
c = a + b
d = a * b + b**3
c += c + 1
c += 1 + c + (-a)
d += d * 2 + (b + a).relu()
d += 3 * d + (b - a).relu()
e = c - d
f = e**2
g = f / 2.0
g += 10.0 / f
print(f'{g.data:.4f}')  # 24.7041, the outcome of this forward pass
g.backward()
print(f'{a.grad:.4f}')  # 138.8338, the numerical value of dg/da
print(f'{b.grad:.4f}')  # 645.5773, the numerical value of dg/db
""",
    "a neuron": """\
x = [Value(2.0), Value(0.0)]
w = [Value(-3.0), Value(1.0)]
b = Value(6.9)
n = x[0]*w[0] + x[1]*w[1] + b
o = n.tanh()
""",
    "softmax and cross-entropy": """\
z = [Value(2.0), Value(1.0), Value(0.5)]
e = [exp(score) for score in z]
total = sg.sum(e)
p = [one / total for one in e]
L = -log(p[0])  # ∂L/∂z is p, less 1 where the truth is
""",
    "an affine layer over fractions": """\
X = sg.values([[1, 2], [3, 4], [5, 6]], "x")
W = sg.values([[Fraction(1, 2), 1], [2, Fraction(1, 3)]], "w")
b = sg.values([1, -1], "b")
Y = X @ W + b
L = (Y**2).sum()
""",
    "X @ W, with numbers of your choice": """\
X @ W
""",
}
"""What the page offers, by name; the first is there at the start."""
