(* The theorem of this project: for Y = X·W + b and G = ∂L/∂Y,

       (1)  ∂L/∂X = G·Wᵀ        (2)  ∂L/∂W = Xᵀ·G        (b)  ∂L/∂b = the column sums of G

   for matrices of every size. The written proof has four lines, and each has its lemma here:

       (4)  y_αβ = Σ_k x_αk w_kβ + b_β                            Definition affine
       the local partials, ∂y_αβ/∂x_ij = δ_αi w_jβ …              partial_X, partial_W, partial_b
       (3)  ∂L/∂x_ij = Σ_α Σ_β ∂L/∂y_αβ ∂y_αβ/∂x_ij               chain_rule_X, chain_rule_W, chain_rule_b
       the deltas collapse two sums; what is left is a product    collapse_X, collapse_W, collapse_b

   They are proved twice: over any commutative ring, with formal derivatives and no axiom, which is what integers and
   fractions rest on (Section Algebra and Section Formal; sizes of zero included); and over the real numbers, with
   Fréchet's derivative, for every L that is differentiable at Y (Section Reals; a matrix without entries has nothing to
   vary, so the sizes there are at least 1, written N.+1).

   How to read it: \sum_k is Σ_k; (α == i)%:R is δ_αi, the number 1 or 0; X i j is x_ij; A *m B is the product, A^T the
   transpose; 'M[R]_(N, D) is the type of N×D matrices with entries in R, and 'rV[R]_M that of rows. What stands between
   Proof and Qed persuades the kernel. A reader may skip it, and need not trust it: only statements and definitions count. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import boolp classical_sets functions reals topology normedtype landau derive.
From ScalarGrad Require Import Sums Derivatives.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

(* ======== The forward pass ======== *)

(* (4): each entry is a sum of products of numbers. *)
Definition affine (R : comRingType) N D M (X : 'M[R]_(N, D)) (W : 'M[R]_(D, M)) (b : 'rV[R]_M) : 'M[R]_(N, M) :=
  \matrix_(α, β) (\sum_k X α k * W k β + b 0 β).

(* Read as a whole it is X·W + 1·b, where 1 is a column of ones: b is added to each row. *)
Lemma affineE (R : comRingType) N D M (X : 'M[R]_(N, D)) (W : 'M[R]_(D, M)) b :
  affine X W b = X *m W + const_mx 1 *m b.
Proof. by apply/matrixP=> α β; rewrite !mxE big_ord1 !mxE mul1r. Qed.

(* ======== Over any commutative ring ======== *)

Section Algebra.
Variables (R : comRingType) (N D M : nat).
Variables (X : 'M[R]_(N, D)) (W : 'M[R]_(D, M)) (b : 'rV[R]_M).

(* ---- The local partials ---- *)

(* Move x_ij alone, by any t: y_αβ moves by t·δ_αi w_jβ exactly, with no remainder, since it has x_ij in the first power
   only. That is what ∂y_αβ/∂x_ij = δ_αi w_jβ says in a ring, where there are no limits. *)
Lemma moved_X (t : R) i j α β :
  affine (X + t *: delta_mx i j) W b α β = affine X W b α β + t * ((α == i)%:R * W j β).
Proof.
rewrite !mxE addrAC; congr (_ + _).
rewrite -(sum_delta (fun k => W k β) j) !big_distrr -big_split /=.
apply: eq_bigr => k _; rewrite !mxE mulrDl; congr (_ + _).
by case: (α == i); case: (k == j); rewrite ?(mulr1, mulr0, mul1r, mul0r).
Qed.

(* ∂y_αβ/∂w_ij = δ_βj x_αi: the column of Y is the column of W. *)
Lemma moved_W (t : R) i j α β :
  affine X (W + t *: delta_mx i j) b α β = affine X W b α β + t * ((β == j)%:R * X α i).
Proof.
rewrite !mxE addrAC; congr (_ + _).
rewrite -(sum_delta (fun k => X α k) i) !big_distrr -big_split /=.
apply: eq_bigr => k _; rewrite !mxE mulrDr; congr (_ + _).
by case: (k == i); case: (β == j); rewrite ?(mulr1, mulr0, mul1r, mul0r) 1?mulrC.
Qed.

(* ∂y_αβ/∂b_j = δ_βj *)
Lemma moved_b (t : R) j α β :
  affine X W (b + t *: delta_mx 0 j) α β = affine X W b α β + t * (β == j)%:R.
Proof. by rewrite !mxE addrA eqxx. Qed.

(* ---- The deltas collapse two sums ---- *)

Variable G : 'M[R]_(N, M).

(* Σ_α Σ_β g_αβ δ_αi w_jβ = Σ_β g_iβ w_jβ, which is row i of G times column j of Wᵀ. *)
Lemma collapse_X i j : \sum_α \sum_β G α β * ((α == i)%:R * W j β) = (G *m W^T) i j.
Proof.
rewrite mxE exchange_big /=; apply: eq_bigr => β _.
rewrite !mxE -(sum_delta (fun α => G α β * W j β) i).
by apply: eq_bigr => α _; rewrite mulrCA.
Qed.

(* Σ_α Σ_β g_αβ δ_βj x_αi = Σ_α x_αi g_αj, which is row i of Xᵀ times column j of G. *)
Lemma collapse_W i j : \sum_α \sum_β G α β * ((β == j)%:R * X α i) = (X^T *m G) i j.
Proof.
rewrite mxE; apply: eq_bigr => α _.
rewrite !mxE -(sum_delta (fun β => X α i * G α β) j).
by apply: eq_bigr => β _; rewrite mulrCA [G α β * _]mulrC.
Qed.

(* Σ_α Σ_β g_αβ δ_βj = Σ_α g_αj, the sum of column j of G. *)
Lemma collapse_b j : \sum_α \sum_β G α β * (β == j)%:R = \sum_α G α j.
Proof.
apply: eq_bigr => α _; rewrite -[RHS](sum_delta (G α)).
by apply: eq_bigr => β _; rewrite mulrC.
Qed.

(* ---- The same without indices ---- *)

(* <A, B> = Σ_i Σ_j a_ij b_ij, which is the trace of Aᵀ·B *)
Definition inner m n (A B : 'M[R]_(m, n)) : R := \sum_i \sum_j A i j * B i j.

Lemma innerE m n (A B : 'M[R]_(m, n)) : inner A B = \tr (A^T *m B).
Proof.
rewrite /inner /mxtrace exchange_big; apply: eq_bigr => j _ /=.
by rewrite mxE; apply: eq_bigr => i _; rewrite mxE.
Qed.

(* A step H of X moves Y by H·W, and <G, H·W> = <G·Wᵀ, H>; the same for steps K of W and h of b. *)
Lemma adjoint_X (H : 'M[R]_(N, D)) : inner G (H *m W) = inner (G *m W^T) H.
Proof. by rewrite !innerE trmx_mul trmxK mulmxA mxtrace_mulC mulmxA. Qed.

Lemma adjoint_W (K : 'M[R]_(D, M)) : inner G (X *m K) = inner (X^T *m G) K.
Proof. by rewrite !innerE trmx_mul trmxK mulmxA. Qed.

Lemma adjoint_b (h : 'rV[R]_M) : \sum_α \sum_β G α β * h 0 β = \sum_β (\sum_α G α β) * h 0 β.
Proof. by rewrite exchange_big; apply: eq_bigr => β _; rewrite mulr_suml. Qed.
End Algebra.

(* ---- (1), (2), (b) with formal derivatives ---- *)

(* d is any derivation of a commutative ring: additive, with Leibniz's rule. ∂/∂x_ij of polynomials is one. L is a number
   of the ring that obeys the chain rule (3) with the numbers g_αβ, as every polynomial in the entries of Y does. *)
Section Formal.
Variables (R : comRingType) (N D M : nat).
Variables (X : 'M[R]_(N, D)) (W : 'M[R]_(D, M)) (b : 'rV[R]_M) (G : 'M[R]_(N, M)) (L : R).
Variable d : R -> R.
Hypothesis d_is_a_derivation : derivation d.
Hypothesis chain_rule : d L = \sum_α \sum_β G α β * d (affine X W b α β).

(* The derivative of (4), term by term. *)
Lemma d_affine α β :
  d (affine X W b α β) = \sum_k (d (X α k) * W k β + X α k * d (W k β)) + d (b 0 β).
Proof.
have der_d := d_is_a_derivation; rewrite mxE; apply: (fder_add der_d) => //.
by apply: (fder_sum der_d) => k; case: der_d => _ ->.
Qed.

(* If d is ∂/∂x_ij, then dL is entry (i, j) of G·Wᵀ. *)
Theorem formal_X i j :
  (forall p q, d (X p q) = (p == i)%:R * (q == j)%:R) -> (forall p q, d (W p q) = 0) -> (forall q, d (b 0 q) = 0) ->
  d L = (G *m W^T) i j.
Proof.
move=> dX dW db; rewrite chain_rule -collapse_X; apply: eq_bigr => α _; apply: eq_bigr => β _; congr (_ * _).
rewrite d_affine db addr0 -(sum_delta (fun k => W k β) j) big_distrr /=.
by apply: eq_bigr => k _; rewrite dX dW mulr0 addr0 mulrA.
Qed.

(* If d is ∂/∂w_ij, then dL is entry (i, j) of Xᵀ·G. *)
Theorem formal_W i j :
  (forall p q, d (X p q) = 0) -> (forall p q, d (W p q) = (p == i)%:R * (q == j)%:R) -> (forall q, d (b 0 q) = 0) ->
  d L = (X^T *m G) i j.
Proof.
move=> dX dW db; rewrite chain_rule -collapse_W; apply: eq_bigr => α _; apply: eq_bigr => β _; congr (_ * _).
rewrite d_affine db addr0 -(sum_delta (fun k => X α k) i) big_distrr /=.
by apply: eq_bigr => k _; rewrite dX dW mul0r add0r mulrA mulrC [X α k * _]mulrC.
Qed.

(* If d is ∂/∂b_j, then dL is the sum of column j of G. *)
Theorem formal_b j :
  (forall p q, d (X p q) = 0) -> (forall p q, d (W p q) = 0) -> (forall q, d (b 0 q) = (q == j)%:R) ->
  d L = \sum_α G α j.
Proof.
move=> dX dW db; rewrite chain_rule -collapse_b; apply: eq_bigr => α _; apply: eq_bigr => β _; congr (_ * _).
by rewrite d_affine db big1 ?add0r // => k _; rewrite dX dW mul0r mulr0 addr0.
Qed.
End Formal.

(* ======== Over the real numbers ======== *)

(* R is any model of the reals: a complete Archimedean ordered field. `differentiable f x` is Fréchet's: near x, f is its
   value plus a linear map of the step, 'd f x, plus a remainder that is small o of the step. 'D_v f x is the derivative
   along v, delta_mx i j is the matrix with 1 at (i, j) and 0 elsewhere, so 'D_(delta_mx i j) is ∂/∂x_ij. And grad L Y is
   the matrix of the partial derivatives of L at Y (`Derivatives.v`). *)
Section Reals.
Variables (R : realType) (N D M : nat).
Variables (X : 'M[R]_(N.+1, D.+1)) (W : 'M[R]_(D.+1, M.+1)) (b : 'rV[R]_M.+1).
Variable L : 'M[R]_(N.+1, M.+1) -> R.
Hypothesis L_is_differentiable_at_Y : differentiable L (affine X W b).
Let G := grad L (affine X W b).

(* ---- The local partials; each y_αβ is differentiable ---- *)

Lemma partial_X i j α β :
  der (fun X => affine X W b α β) X (delta_mx i j) ((α == i)%:R * W j β).
Proof.
apply: (der_ext (fun X => mxE _ _ _ _)); apply: der_eq; first by der_rules.
rewrite addr0 -(sum_delta (fun k => W k β) j) big_distrr; apply: eq_bigr => k _ /=.
by rewrite mulr0 addr0 mulrA.
Qed.

Lemma partial_W i j α β :
  der (fun W => affine X W b α β) W (delta_mx i j) ((β == j)%:R * X α i).
Proof.
apply: (der_ext (fun W => mxE _ _ _ _)); apply: der_eq; first by der_rules.
rewrite addr0 -(sum_delta (fun k => X α k) i) big_distrr; apply: eq_bigr => k _ /=.
by case: (k == i); case: (β == j); rewrite /= ?(mulr1, mulr0, mul1r, mul0r, add0r).
Qed.

Lemma partial_b j α β :
  der (fun b => affine X W b α β) b (delta_mx 0 j) (β == j)%:R.
Proof.
apply: (der_ext (fun b => mxE _ _ _ _)); apply: der_eq; first by der_rules.
by rewrite add0r mul1r.
Qed.

(* ---- (3): proved here, for every L that is differentiable at Y, not assumed ---- *)

Theorem chain_rule_X i j :
  'D_(delta_mx i j) (fun X => L (affine X W b)) X
  = \sum_α \sum_β G α β * 'D_(delta_mx i j) (fun X => affine X W b α β) X.
Proof. by apply: (chain_rule (F := fun X => affine X W b)) => // α β; case: (partial_X 0 0 α β). Qed.

Theorem chain_rule_W i j :
  'D_(delta_mx i j) (fun W => L (affine X W b)) W
  = \sum_α \sum_β G α β * 'D_(delta_mx i j) (fun W => affine X W b α β) W.
Proof. by apply: (chain_rule (F := fun W => affine X W b)) => // α β; case: (partial_W 0 0 α β). Qed.

Theorem chain_rule_b j :
  'D_(delta_mx 0 j) (fun b => L (affine X W b)) b
  = \sum_α \sum_β G α β * 'D_(delta_mx 0 j) (fun b => affine X W b α β) b.
Proof. by apply: (chain_rule (F := fun b => affine X W b)) => // α β; case: (partial_b 0 α β). Qed.

(* ---- (1), (2), (b): L after the layer is differentiable, and this is its gradient ---- *)

Theorem gradient_X :
  differentiable (fun X => L (affine X W b)) X /\ grad (fun X => L (affine X W b)) X = G *m W^T.
Proof.
split; first by apply: (differentiable_loss (F := fun X => affine X W b)) => // α β; case: (partial_X 0 0 α β).
apply/matrixP=> i j; rewrite mxE chain_rule_X -collapse_X.
by apply: eq_bigr => α _; apply: eq_bigr => β _; case: (partial_X i j α β) => _ ->.
Qed.

Theorem gradient_W :
  differentiable (fun W => L (affine X W b)) W /\ grad (fun W => L (affine X W b)) W = X^T *m G.
Proof.
split; first by apply: (differentiable_loss (F := fun W => affine X W b)) => // α β; case: (partial_W 0 0 α β).
apply/matrixP=> i j; rewrite mxE chain_rule_W -collapse_W.
by apply: eq_bigr => α _; apply: eq_bigr => β _; case: (partial_W i j α β) => _ ->.
Qed.

Theorem gradient_b :
  differentiable (fun b => L (affine X W b)) b /\ grad (fun b => L (affine X W b)) b = \row_j \sum_α G α j.
Proof.
split; first by apply: (differentiable_loss (F := fun b => affine X W b)) => // α β; case: (partial_b 0 α β).
apply/matrixP=> i j; rewrite (ord1 i) mxE chain_rule_b mxE -collapse_b.
by apply: eq_bigr => α _; apply: eq_bigr => β _; case: (partial_b j α β) => _ ->.
Qed.

(* ---- All at once ---- *)

(* Above, two of X, W, b are held fixed. Here all three move together, by H, K and h: L is differentiable as a function
   of the triple, and its differential is the sum of the three parts. (The terms H·K, which are of second order, are the
   remainder.) *)
Let triple := ('M[R]_(N.+1, D.+1) * 'M[R]_(D.+1, M.+1) * 'rV[R]_M.+1)%type.
Implicit Types (H : 'M[R]_(N.+1, D.+1)) (K : 'M[R]_(D.+1, M.+1)) (h : 'rV[R]_M.+1).

(* An entry of each part moves as that part does. *)
Let der_X H K h α k : der (fun p : triple => p.1.1 α k) (X, W, b) (H, K, h) (H α k).
Proof. by apply: (der_entry_of (F := fun p : triple => p.1.1)); apply: moves_in_fst; exact: moves_fst. Qed.
Let der_W H K h k β : der (fun p : triple => p.1.2 k β) (X, W, b) (H, K, h) (K k β).
Proof. by apply: (der_entry_of (F := fun p : triple => p.1.2)); apply: moves_in_fst; exact: moves_snd. Qed.
Let der_b H K h β : der (fun p : triple => p.2 0 β) (X, W, b) (H, K, h) (h 0 β).
Proof. by apply: (der_entry_of (F := fun p : triple => p.2)); exact: moves_snd. Qed.

Theorem differential H K h :
  let f (p : triple) := L (affine p.1.1 p.1.2 p.2) in
  differentiable f (X, W, b) /\
  'd f (X, W, b) (H, K, h) =
      inner (G *m W^T) H + inner (X^T *m G) K + \sum_j (\sum_α G α j) * h 0 j.
Proof.
move=> f; pose F (p : triple) := affine p.1.1 p.1.2 p.2.
have entries α β : der (fun p : triple => F p α β) (X, W, b) (H, K, h) ((H *m W) α β + (X *m K) α β + h 0 β).
  apply: (der_ext (fun p => mxE _ _ _ _)); apply: der_eq.
    apply: der_add; first by apply: der_sum => k; apply: der_mul; [exact: der_X | exact: der_W].
    exact: der_b.
  by rewrite big_split !mxE.
have dF : forall α β, differentiable (fun p : triple => F p α β) (X, W, b) by move=> α β; case: (entries α β).
have df : differentiable f (X, W, b) by exact: (differentiable_loss dF).
split=> //; rewrite -deriveE //.
apply: etrans (chain_rule (F := F) (H, K, h) _ dF) _ => //.
under eq_bigr do under eq_bigr do rewrite (proj2 (entries _ _)) !mulrDr.
under eq_bigr do rewrite !big_split /=.
by rewrite !big_split /= -adjoint_X -adjoint_W -adjoint_b.
Qed.
End Reals.

(* What each theorem rests on, besides the kernel. *)
Print Assumptions formal_X.
Print Assumptions gradient_X.
Print Assumptions differential.
