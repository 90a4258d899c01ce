(* Derivatives over the reals: the rules of calculus for entries of matrices, and the chain rule (3).

   `differentiable f x` is Fréchet's: near x, f is a linear map plus a remainder that is small o of the step. `'d f x` is that
   linear map, and `'D_v f x` the derivative along v. These are MathComp-Analysis's own. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions.
From mathcomp Require Import reals topology normedtype landau derive.
From ScalarGrad Require Import Sums.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Derivatives.
Variable R : realType.

(* ---- The rules of calculus ---- *)

(* f is differentiable at x, with the derivative df along v *)
Definition der (V : normedModType R) (f : V -> R) (x v : V) (df : R) := differentiable f x /\ 'D_v f x = df.

Section Rules.
Variables (V : normedModType R) (x v : V).
Implicit Types (f g : V -> R) (c df dg : R).

Lemma der_eq f df dg : der f x v df -> df = dg -> der f x v dg.
Proof. by move=> ? <-. Qed.

Lemma der_ext f g df : (forall y, f y = g y) -> der g x v df -> der f x v df.
Proof. by move=> fg; have -> : f = g by rewrite funeqE. Qed.

Lemma differentiable_ext f g : (forall y, f y = g y) -> differentiable g x -> differentiable f x.
Proof. by move=> fg; have -> : f = g by rewrite funeqE. Qed.

Lemma der_cst c : der (fun=> c) x v 0.
Proof.
split; first exact: differentiable_cst.
by have := @derive_val _ _ _ _ _ _ _ (@is_derive_cst _ _ _ c x v).
Qed.

Lemma der_add f g df dg : der f x v df -> der g x v dg -> der (fun y => f y + g y) x v (df + dg).
Proof.
move=> [df' <-] [dg' <-]; split; first exact: differentiableD.
by rewrite [LHS](@deriveD _ _ _ f g) //; exact: diff_derivable.
Qed.

Lemma der_mul f g df dg : der f x v df -> der g x v dg -> der (fun y => f y * g y) x v (df * g x + f x * dg).
Proof.
move=> [df' <-] [dg' <-]; split; first exact: differentiableM.
rewrite [LHS](@deriveM _ _ f g); try exact: diff_derivable.
by rewrite addrC /GRing.scale /= [g x * _]mulrC.
Qed.

Lemma der_sum n (F : 'I_n -> V -> R) (dF : 'I_n -> R) :
  (forall k, der (F k) x v (dF k)) -> der (fun y => \sum_(k < n) F k y) x v (\sum_(k < n) dF k).
Proof.
move=> H; have -> : (fun y => \sum_(k < n) F k y) = \sum_(k < n) F k by rewrite funeqE => y; rewrite fct_sumE.
split; first by apply: differentiable_sum => k; case: (H k).
rewrite derive_sum; first by apply: eq_bigr => k _; case: (H k).
by move=> k; apply: diff_derivable; case: (H k).
Qed.

(* an elementary function *)
Lemma der_fun (phi : R -> R) f dphi df :
  is_derive (f x) 1 phi dphi -> der f x v df -> der (fun y => phi (f y)) x v (dphi * df).
Proof.
move=> H [df' <-]; have dphi' : differentiable phi (f x) by apply/derivable1_diffP; exact: ex_derive.
split; first exact: differentiable_comp.
rewrite -[fun y => phi (f y)]/(phi \o f) deriveE; last exact: differentiable_comp.
rewrite diff_comp //= deriv1E; last exact: ex_derive.
have -> : 'd f x v = 'D_v f x by rewrite deriveE.
have -> : derive1 phi (f x) = dphi by rewrite derive1E; exact: (@derive_val _ _ _ _ _ _ _ H).
exact: mulrC.
Qed.

(* the inverse of a number that is not zero *)
Lemma inverse_is_derived (t : R) : t != 0 -> is_derive t 1 (fun t : R => t^-1) (- (t^-1 * t^-1)).
Proof.
move=> t0; have d : derivable (id : R -> R) t 1 by exact: derivable_id.
apply: DeriveDef; first exact: (derivableV t0 d).
by apply: etrans (deriveV t0 d) _; rewrite derive_val /GRing.scale /= mulr1 expr2 invfM.
Qed.

(* the same without the derivatives *)
Lemma differentiable_add f g : differentiable f x -> differentiable g x -> differentiable (fun y => f y + g y) x.
Proof. exact: differentiableD. Qed.
Lemma differentiable_mul f g : differentiable f x -> differentiable g x -> differentiable (fun y => f y * g y) x.
Proof. exact: differentiableM. Qed.
Lemma differentiable_sums n (F : 'I_n -> V -> R) :
  (forall k, differentiable (F k) x) -> differentiable (fun y => \sum_(k < n) F k y) x.
Proof.
move=> H; have -> : (fun y => \sum_(k < n) F k y) = \sum_(k < n) F k by rewrite funeqE => y; rewrite fct_sumE.
exact: differentiable_sum.
Qed.
Lemma differentiable_fun (phi : R -> R) f dphi :
  is_derive (f x) 1 phi dphi -> differentiable f x -> differentiable (fun y => phi (f y)) x.
Proof.
move=> H df; have dphi' : differentiable phi (f x) by apply/derivable1_diffP; exact: ex_derive.
exact: differentiable_comp.
Qed.
End Rules.

(* ---- Matrices are differentiable if their entries are ---- *)

Section Entries.
Variables (V : normedModType R) (m n : nat) (F : V -> 'M[R]_(m.+1, n.+1)) (x : V).
Hypothesis dF : forall a b, differentiable (fun x => F x a b) x.

Let sum_entries : F = \sum_a \sum_b (fun x => F x a b *: delta_mx a b).
Proof.
rewrite funeqE => y; rewrite {1}(matrix_sum_delta (F y)) fct_sumE.
by apply: eq_bigr => a _; rewrite fct_sumE.
Qed.

Let dZ a b : differentiable (fun x => F x a b *: (delta_mx a b : 'M[R]_(m.+1, n.+1))) x.
Proof. exact: differentiableZl. Qed.

Lemma differentiable_entries : differentiable F x.
Proof. by rewrite sum_entries; apply: differentiable_sum => a; apply: differentiable_sum => b. Qed.

(* and the derivative has those of the entries as entries *)
Lemma derive_entry v a b : 'D_v F x a b = 'D_v (fun x => F x a b) x.
Proof.
pose A := \matrix_(c, d) 'D_v (fun x => F x c d) x.
have -> : 'D_v F x = A.
  rewrite [A]matrix_sum_delta (congr1 (fun F => 'D_v F x) sum_entries) derive_sum; last first.
    by move=> c; apply: diff_derivable; apply: differentiable_sum.
  apply: eq_bigr => c _; rewrite derive_sum; last by move=> d; exact: diff_derivable.
  apply: eq_bigr => d _; rewrite mxE !deriveE //.
  by rewrite (diffZl _ (dF c d)).
by rewrite mxE.
Qed.

Lemma differentiable_loss (L : 'M[R]_(m.+1, n.+1) -> R) :
  differentiable L (F x) -> differentiable (fun x => L (F x)) x.
Proof. by move=> dL; apply: differentiable_comp dL; exact: differentiable_entries. Qed.
End Entries.

Section Matrices.
Variables m n : nat.
Implicit Types X : 'M[R]_(m.+1, n.+1).

(* ∂x_ab/∂x_ij = δ_ai δ_bj; delta_mx i j is the matrix with 1 at (i, j) and 0 elsewhere *)
Lemma der_coord X i j a b : der (fun X => X a b) X (delta_mx i j) ((a == i)%:R * (b == j)%:R).
Proof.
have dc : forall a b, differentiable (fun X : 'M[R]_(m.+1, n.+1) => X a b) X by move=> c d; exact: differentiable_coord.
split=> //; rewrite -(@derive_entry _ _ _ id) //.
have -> : 'D_(delta_mx i j) id X = delta_mx i j :> 'M[R]_(m.+1, n.+1) by rewrite deriveE // diff_val.
by rewrite mxE; case: eqP; case: eqP; rewrite /= ?mulr1 ?mulr0 ?mul0r.
Qed.

(* ---- Gradients ---- *)

(* the matrix of partial derivatives *)
Definition grad (L : 'M[R]_(m.+1, n.+1) -> R) X : 'M[R]_(m.+1, n.+1) := \matrix_(i, j) 'D_(delta_mx i j) L X.

Lemma linear_sum_delta (V : lmodType R) (f : {linear 'M[R]_(m.+1, n.+1) -> V}) H :
  f H = \sum_i \sum_j H i j *: f (delta_mx i j).
Proof.
rewrite {1}(matrix_sum_delta H) linear_sum; apply: eq_bigr => i _.
by rewrite linear_sum; apply: eq_bigr => j _; rewrite linearZ.
Qed.

(* dL = Σ_ij ∂L/∂x_ij dx_ij *)
Lemma diff_grad L X H : differentiable L X -> 'd L X H = \sum_i \sum_j grad L X i j * H i j.
Proof.
move=> dL; rewrite linear_sum_delta; apply: eq_bigr => i _; apply: eq_bigr => j _.
by rewrite mxE deriveE // mulrC.
Qed.

Lemma diff_id (V : normedModType R) (x v : V) : 'd id x v = v.
Proof. by rewrite diff_val. Qed.

Lemma diff_pairE (U V W : normedModType R) (f : U -> V) (g : U -> W) x v :
  differentiable f x -> differentiable g x -> 'd (fun y => (f y, g y)) x v = ('d f x v, 'd g x v).
Proof. by move=> df dg; rewrite diff_pair. Qed.

Lemma diff_compE (U V W : normedModType R) (f : U -> V) (g : V -> W) x v :
  differentiable f x -> differentiable g (f x) -> 'd (fun y => g (f y)) x v = 'd g (f x) ('d f x v).
Proof. by move=> df dg; rewrite -[fun y => g (f y)]/(g \o f) diff_comp. Qed.

(* ---- The chain rule (3) ---- *)

(* L after F, along any v: ∂L/∂v = Σ_ab ∂L/∂f_ab ∂f_ab/∂v *)
Lemma chain_rule (V : normedModType R) (F : V -> 'M[R]_(m.+1, n.+1)) (L : 'M[R]_(m.+1, n.+1) -> R) x v :
  differentiable L (F x) -> (forall a b, differentiable (fun x => F x a b) x) ->
  'D_v (fun x => L (F x)) x = \sum_a \sum_b grad L (F x) a b * 'D_v (fun x => F x a b) x.
Proof.
move=> dL dF; have dF' := differentiable_entries dF.
rewrite -[fun x => L (F x)]/(L \o F) deriveE; last exact: differentiable_comp.
rewrite diff_comp //= diff_grad //; apply: eq_bigr => a _; apply: eq_bigr => b _; congr (_ * _).
by rewrite -(@derive_entry _ _ _ F) // deriveE.
Qed.

(* x is used by F and, beside it, by L: the sum over paths has those through F and those around it. *)
Lemma two_paths (V W : normedModType R) (F : V -> W) (L : V -> W -> R) x v :
  differentiable (fun p => L p.1 p.2) (x, F x) -> differentiable F x ->
  differentiable (L x) (F x)
  /\ 'D_v (fun x => L x (F x)) x = 'd (L x) (F x) ('d F x v) + 'D_v (fun x' => L x' (F x)) x.
Proof.
move=> dL dF; pose P (p : V * W) := L p.1 p.2; rewrite -/P in dL.
have dc (c : W) : differentiable (fun _ : V => c) x by exact: differentiable_cst.
have di : differentiable (@id V) x by [].
have dboth : differentiable (fun x => (x, F x)) x by exact: differentiable_pair.
have dleft : differentiable (fun x' => (x', F x)) x by exact: differentiable_pair.
have dx : differentiable (fun _ : W => x) (F x) by exact: differentiable_cst.
have dY : differentiable (@id W) (F x) by [].
have dright : differentiable (fun Y : W => (x, Y)) (F x) by exact: differentiable_pair.
have Eboth : 'D_v (fun x => L x (F x)) x = 'd P (x, F x) (v, 'd F x v).
  have dPF : differentiable (fun x => P (x, F x)) x by exact: (differentiable_comp dboth dL).
  apply: etrans (deriveE v dPF) _; apply: etrans (diff_compE v dboth dL) _.
  by apply: (congr1 ('d P (x, F x))); apply: etrans (diff_pairE v di dF) _; rewrite diff_id.
have Eleft : 'D_v (fun x' => L x' (F x)) x = 'd P (x, F x) (v, 0).
  have dPF : differentiable (fun x' => P (x', F x)) x by exact: (differentiable_comp dleft dL).
  apply: etrans (deriveE v dPF) _; apply: etrans (diff_compE v dleft dL) _.
  apply: (congr1 ('d P (x, F x))); apply: etrans (diff_pairE v di (dc _)) _.
  by rewrite diff_id diff_cst.
split; first by exact: (differentiable_comp dright dL).
have Eright : 'd (L x) (F x) ('d F x v) = 'd P (x, F x) (0, 'd F x v).
  apply: etrans (diff_compE ('d F x v) dright dL) _.
  by apply: (congr1 ('d P (x, F x))); apply: etrans (diff_pairE _ dx dY) _; rewrite diff_id diff_cst.
rewrite Eboth Eleft Eright.
have -> : (v, 'd F x v) = (0, 'd F x v) + (v, 0) :> (V * W)%type by congr (_, _); rewrite /= ?add0r ?addr0.
exact: linearD.
Qed.

Lemma two_uses (V : normedModType R) (F : V -> 'M[R]_(m.+1, n.+1)) (L : V -> 'M[R]_(m.+1, n.+1) -> R) x v :
  differentiable (fun p => L p.1 p.2) (x, F x) -> (forall a b, differentiable (fun x => F x a b) x) ->
  'D_v (fun x => L x (F x)) x
  = \sum_a \sum_b grad (L x) (F x) a b * 'D_v (fun x => F x a b) x + 'D_v (fun x' => L x' (F x)) x.
Proof.
move=> dL dF; have dF' := differentiable_entries dF.
have [dLx ->] := two_paths v dL dF'; apply: (f_equal2 +%R); last by [].
rewrite diff_grad //; apply: eq_bigr => a _; apply: eq_bigr => b _; congr (_ * _).
by rewrite -(@derive_entry _ _ _ F) // deriveE.
Qed.

(* ---- Several matrices that move together ---- *)

(* F is differentiable at p, and its differential takes v to w. *)
Definition moves (V W : normedModType R) (F : V -> W) (p v : V) (w : W) := differentiable F p /\ 'd F p v = w.

Lemma moves_fst (V W : normedModType R) (p v : V * W) : moves (fun p : V * W => p.1) p v v.1.
Proof.
have c : continuous (fst : V * W -> V) by move=> q; exact: cvg_fst.
by split; [exact: linear_differentiable | rewrite -[fun p => p.1]/fst diff_lin].
Qed.
Lemma moves_snd (V W : normedModType R) (p v : V * W) : moves (fun p : V * W => p.2) p v v.2.
Proof.
have c : continuous (snd : V * W -> W) by move=> q; exact: cvg_snd.
by split; [exact: linear_differentiable | rewrite -[fun p => p.2]/snd diff_lin].
Qed.
(* a part of the first part *)
Lemma moves_in_fst (U V W : normedModType R) (F : V -> U) (p v : V * W) w :
  moves F p.1 v.1 w -> moves (fun p : V * W => F p.1) p v w.
Proof.
move=> [dF <-]; have [dfst E] := moves_fst p v.
by split; [exact: differentiable_comp dF | rewrite (diff_compE v dfst dF) E].
Qed.
Lemma der_entry_of (V : normedModType R) (F : V -> 'M[R]_(m.+1, n.+1)) p v H a b :
  moves F p v H -> der (fun p => F p a b) p v (H a b).
Proof.
move=> [dF <-]; have dc c d : differentiable (fun p => F p c d) p.
  pose entry (A : 'M[R]_(m.+1, n.+1)) := A c d.
  by apply: (@differentiable_comp _ _ _ _ F entry) => //; exact: differentiable_coord.
by split=> //; rewrite -(@derive_entry _ _ _ F) // deriveE.
Qed.
(* an entry of the first and of the second part of a pair *)
Lemma differentiable_first (V : normedModType R) (p : 'M[R]_(m.+1, n.+1) * V) a b :
  differentiable (fun p : 'M[R]_(m.+1, n.+1) * V => p.1 a b) p.
Proof. by case: (der_entry_of a b (moves_fst p 0)). Qed.
Lemma differentiable_second (V : normedModType R) (p : V * 'M[R]_(m.+1, n.+1)) a b :
  differentiable (fun p : V * 'M[R]_(m.+1, n.+1) => p.2 a b) p.
Proof. by case: (der_entry_of a b (moves_snd p 0)). Qed.
End Matrices.
(* ---- The inverse ---- *)

(* If F·G = I for all y, and both are differentiable at x, then dG = −G·dF·G. (That an inverse is differentiable is not
   proved here.) *)
Lemma inverse_moves (V : normedModType R) n (F G : V -> 'M[R]_n.+1) x v :
  (forall a b, differentiable (fun y => F y a b) x) -> (forall a b, differentiable (fun y => G y a b) x) ->
  (forall y, F y *m G y = 1%:M) -> 'D_v G x = - (G x *m 'D_v F x *m G x).
Proof.
move=> dF dG FG; apply: (inverse_from (FG x)); apply/matrixP => a b; rewrite !mxE -big_split /=.
have dsum : der (fun y => \sum_k F y a k * G y k b) x v (\sum_k ('D_v F x a k * G x k b + F x a k * 'D_v G x k b)).
  by apply: der_sum => k; apply: der_mul; split=> //; rewrite derive_entry.
have dcst : der (fun y => \sum_k F y a k * G y k b) x v 0.
  by apply: (@der_ext _ _ _ _ (fun=> (a == b)%:R)) (der_cst _ _ _) => y; rewrite -mulmxE FG idmxE.
by case: dsum => _ <-; case: dcst.
Qed.
End Derivatives.

(* ---- What proves a line ---- *)

(* the derivative of an expression, by its form: to look at that is quicker than to try each rule *)
Ltac der_rules := lazymatch goal with
  | |- der (fun _ => ?c) _ _ _ => apply: der_cst
  | |- der (fun X => fun_of_matrix X _ _) _ _ _ => apply: der_coord
  | |- der (fun _ => GRing.add _ _) _ _ _ => apply: der_add; der_rules
  | |- der (fun _ => GRing.mul _ _) _ _ _ => apply: der_mul; der_rules
  | |- der (fun _ => bigop _ _ _) _ _ _ => apply: der_sum => ?; der_rules
  | _ => match goal with H : _ |- _ => first
      [ apply: (der_fun (H _)) | apply: (der_fun H) | apply: (der_fun (H _ _)) | apply: (der_fun (H _ _ _)) ]; der_rules end
  end.

(* whether it is differentiable, also through the entries of matrices and a loss *)
Ltac smooth := lazymatch goal with
  | |- differentiable (fun _ => ?c) _ => exact: differentiable_cst
  | |- differentiable (fun X => fun_of_matrix X _ _) _ => exact: differentiable_coord
  | |- differentiable (fun _ => GRing.add _ _) _ => apply: differentiable_add; smooth
  | |- differentiable (fun _ => GRing.mul _ _) _ => apply: differentiable_mul; smooth
  | |- differentiable (fun _ => bigop _ _ _) _ => apply: differentiable_sums => ?; smooth
  | _ => first
      [ exact: differentiable_first | exact: differentiable_second
      | apply: (differentiable_ext (fun _ => mxE _ _ _ _)); smooth
      | match goal with H : _ |- _ => first
          [ apply: (differentiable_fun (H _)) | apply: (differentiable_fun H) | apply: (differentiable_fun (H _ _))
          | apply: (differentiable_fun (H _ _ _)) ]; smooth end
      | apply: differentiable_loss; [move=> ? ?; smooth | match goal with H : differentiable _ _ |- _ => exact: H end] ]
  end.
