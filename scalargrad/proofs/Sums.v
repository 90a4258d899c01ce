(* Finite sums with Kronecker's delta, over any commutative ring: what the lines of a derivation need.

   δ_ij is (i == j)%:R, the number 1 or 0 of the ring; Σ_k is \sum_k; X *m W is the matrix product, X^T the transpose.
   A vector is a column, whose entries are v i 0. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* ---- δ collapses a sum ---- *)

(* A sum of which one term is not zero is that term. *)
Lemma collapse (R : comRingType) n (i : 'I_n) (F : 'I_n -> R) v :
  (forall k, (k == i) = false -> F k = 0) -> F i = v -> \sum_k F k = v.
Proof. by move=> F0 <-; rewrite (bigD1 i) //= big1 ?addr0 // => k /negbTE; apply: F0. Qed.

(* Σ_k δ_ki f_k = f_i *)
Lemma sum_delta (R : comRingType) n (F : 'I_n -> R) i : \sum_(k < n) (k == i)%:R * F k = F i.
Proof. by apply: (@collapse _ _ i) => [k ->|]; rewrite ?eqxx ?mul0r ?mul1r. Qed.

(* Σ_k of what has no k *)
Lemma sum_idle (R : comRingType) n (c : R) : \sum_(k < n) c = n%:R * c.
Proof. by rewrite sumr_const card_ord mulr_natl. Qed.

(* ---- Matrices by their entries ---- *)

Definition hadamard (R : comRingType) m n (A B : 'M[R]_(m, n)) := \matrix_(i, j) (A i j * B i j).
Definition ones (R : comRingType) n : 'cV[R]_n := const_mx 1.
(* diag v, and the diagonal of A as a column *)
Definition diag (R : comRingType) n (v : 'cV[R]_n) : 'M[R]_n := \matrix_(i, j) ((i == j)%:R * v i 0).
Definition diagonal (R : comRingType) n (A : 'M[R]_n) : 'cV[R]_n := \col_i A i i.

Lemma hadamardE (R : comRingType) m n (A B : 'M[R]_(m, n)) i j : hadamard A B i j = A i j * B i j.
Proof. by rewrite mxE. Qed.
Lemma onesE (R : comRingType) n i j : ones R n i j = 1.
Proof. by rewrite mxE. Qed.
Lemma diagE (R : comRingType) n (v : 'cV[R]_n) i j : diag v i j = (i == j)%:R * v i 0.
Proof. by rewrite mxE. Qed.
Lemma diagonalE (R : comRingType) n (A : 'M[R]_n) i j : diagonal A i j = A i i.
Proof. by rewrite mxE. Qed.
Lemma mulmxE (R : comRingType) m n p (A : 'M[R]_(m, n)) (B : 'M[R]_(n, p)) i j :
  (A *m B) i j = \sum_k A i k * B k j.
Proof. by rewrite mxE. Qed.
(* a product over one column or row is not a sum *)
Lemma mulmx1E (R : comRingType) m p (A : 'M[R]_(m, 1)) (B : 'M[R]_(1, p)) i j : (A *m B) i j = A i 0 * B 0 j.
Proof. by rewrite mxE big_ord1. Qed.
Lemma trmxE (R : comRingType) m n (A : 'M[R]_(m, n)) i j : A^T i j = A j i.
Proof. by rewrite mxE. Qed.
Lemma addmxE (R : comRingType) m n (A B : 'M[R]_(m, n)) i j : (A + B) i j = A i j + B i j.
Proof. by rewrite mxE. Qed.
Lemma scalemxE (R : comRingType) m n c (A : 'M[R]_(m, n)) i j : (c *: A) i j = c * A i j.
Proof. by rewrite mxE. Qed.
Lemma oppmxE (R : comRingType) m n (A : 'M[R]_(m, n)) i j : (- A) i j = - A i j.
Proof. by rewrite mxE. Qed.
Lemma map_mxE (R : comRingType) m n (f : R -> R) (A : 'M[R]_(m, n)) i j : (map_mx f A) i j = f (A i j).
Proof. by rewrite mxE. Qed.
Lemma idmxE (R : comRingType) n i j : (1%:M : 'M[R]_n) i j = (i == j)%:R.
Proof. by rewrite mxE. Qed.
Lemma zeromxE (R : comRingType) m n i j : (0 : 'M[R]_(m, n)) i j = 0.
Proof. by rewrite mxE. Qed.
Lemma diag_mulE (R : comRingType) m n (v : 'cV[R]_m) (A : 'M[R]_(m, n)) i j : (diag v *m A) i j = v i 0 * A i j.
Proof.
rewrite mxE; apply: (@collapse _ _ i) => [k ik|]; last by rewrite mxE eqxx mul1r.
by rewrite mxE eq_sym ik !mul0r.
Qed.
Lemma mul_diagE (R : comRingType) m n (v : 'cV[R]_n) (A : 'M[R]_(m, n)) i j : (A *m diag v) i j = A i j * v j 0.
Proof.
rewrite mxE; apply: (@collapse _ _ j) => [k jk|]; last by rewrite mxE eqxx mul1r.
by rewrite mxE jk mul0r mulr0.
Qed.
(* a number as a matrix of one entry *)
Lemma scalar1E (R : comRingType) (a : R) : (a%:M : 'M[R]_1) 0 0 = a.
Proof. by rewrite mxE eqxx mulr1n. Qed.
Definition entryE := (scalar1E, diag_mulE, mul_diagE, mulmx1E, mulmxE, trmxE, addmxE, scalemxE, oppmxE, map_mxE,
  hadamardE, onesE, diagE, diagonalE, idmxE, zeromxE).

(* ---- Pairs of indices ---- *)

(* An array of three indices is a matrix whose columns are the pairs of the other two: x_abc is x a (pair b c). *)
Definition pairs (m n : nat) : nat := (n + m * n.+1)%N.
Lemma pairsE m n : #|{: 'I_m.+1 * 'I_n.+1}| = (pairs m n).+1.
Proof. by rewrite card_prod !card_ord mulSn addSn. Qed.
Definition pair m n (i : 'I_m.+1) (j : 'I_n.+1) : 'I_(pairs m n).+1 := cast_ord (pairsE m n) (enum_rank (i, j)).

Lemma delta_pair (R : comRingType) m n (i k : 'I_m.+1) (j l : 'I_n.+1) :
  (pair i j == pair k l)%:R = (i == k)%:R * (j == l)%:R :> R.
Proof.
rewrite /pair (inj_eq (@cast_ord_inj _ _ _)) (inj_eq enum_rank_inj) xpair_eqE.
by case: (i == k); case: (j == l); rewrite /= ?mulr1 ?mulr0.
Qed.

Lemma sum_pair (R : comRingType) m n (F : 'I_(pairs m n).+1 -> R) : \sum_k F k = \sum_i \sum_j F (pair i j).
Proof.
rewrite pair_bigA (reindex (fun p : 'I_m.+1 * 'I_n.+1 => pair p.1 p.2)) //=.
exists (fun k => enum_val (cast_ord (esym (pairsE m n)) k)) => p _; first by rewrite /pair cast_ordK enum_rankK -surjective_pairing.
by rewrite /pair -surjective_pairing enum_valK cast_ordKV.
Qed.

Definition unpair m n (k : 'I_(pairs m n).+1) : 'I_m.+1 * 'I_n.+1 := enum_val (cast_ord (esym (pairsE m n)) k).
Lemma pairK m n (i : 'I_m.+1) (j : 'I_n.+1) : unpair (pair i j) = (i, j).
Proof. by rewrite /unpair /pair cast_ordK enum_rankK. Qed.

(* arrays of three and of four indices by their entries *)
Definition array3 (R : comRingType) m n p (F : 'I_m.+1 -> 'I_n.+1 -> 'I_p.+1 -> R) : 'M[R]_(m.+1, (pairs n p).+1) :=
  \matrix_(i, k) F i (unpair k).1 (unpair k).2.
Lemma array3E (R : comRingType) m n p (F : 'I_m.+1 -> 'I_n.+1 -> 'I_p.+1 -> R) i j k :
  array3 F i (pair j k) = F i j k.
Proof. by rewrite mxE pairK. Qed.
Definition array4 (R : comRingType) m n p q (F : 'I_m.+1 -> 'I_n.+1 -> 'I_p.+1 -> 'I_q.+1 -> R) :
    'M[R]_(m.+1, (pairs n (pairs p q)).+1) :=
  \matrix_(i, k) F i (unpair k).1 (unpair (unpair k).2).1 (unpair (unpair k).2).2.
Lemma array4E (R : comRingType) m n p q (F : 'I_m.+1 -> 'I_n.+1 -> 'I_p.+1 -> 'I_q.+1 -> R) i j k l :
  array4 F i (pair j (pair k l)) = F i j k l.
Proof. by rewrite mxE !pairK. Qed.

(* ---- What proves a line ---- *)

(* Equal sums and products of the same factors, numbers and quotients of numbers included. *)
Ltac arith := first [reflexivity | rewrite -?mulrA; reflexivity | ring | field].
Ltac leaf := rewrite ?delta_pair ?sum_idle ?eqxx /= ?(mulr0, mul0r, addr0, add0r) ?mulr1 ?mul1r;
  first [reflexivity | ring | field].
(* the same sums on both sides, in the same order *)
Ltac inside := first [apply: eq_bigr => ? _; inside | leaf].
(* zero, since every term has a δ of two different indices *)
Ltac vanish := first [apply: big1 => ? _; vanish
  | match goal with H : (_ == _) = false |- _ => rewrite ?H end; rewrite /=; ring].
(* δ_ki collapses Σ_k *)
Ltac collapse i := apply: (@collapse _ _ i); [move=> ? ?; vanish | inside].

(* Both sides are sums of products: match the sums, in any order, then the products. *)
Ltac flat := rewrite ?entryE /=; repeat rewrite (big_distrl, big_distrr) /=.
Ltac front2 := rewrite exchange_big /=.
Ltac front3 := (under eq_bigr => ? _ do rewrite exchange_big /=); front2.
Ltac front4 := (under eq_bigr => ? _ do under eq_bigr => ? _ do rewrite exchange_big /=); front3.
Ltac front5 := (under eq_bigr => ? _ do under eq_bigr => ? _ do under eq_bigr => ? _ do rewrite exchange_big /=); front4.
Ltac sums_n n := flat;
  first [ solve [leaf]
        | lazymatch n with S ?m => first
          [ apply: eq_bigr => ? _; sums_n m
          | front2; apply: eq_bigr => ? _; sums_n m
          | front3; apply: eq_bigr => ? _; sums_n m
          | front4; apply: eq_bigr => ? _; sums_n m
          | front5; apply: eq_bigr => ? _; sums_n m ] end ].
Ltac sums := sums_n 7%N.
Ltac nothing := first [apply: big1 => ? _; nothing | rewrite ?(mulr0, mul0r, addr0, add0r); first [reflexivity | ring]].
Ltac zeros := rewrite /= ?addr0 ?add0r.

(* Both sides are matrix algebra: multiply out, and compare the products. *)
Lemma mul_scale_left (R : comRingType) m n p c (A : 'M[R]_(m, n)) (B : 'M[R]_(n, p)) : (c *: A) *m B = c *: (A *m B).
Proof. by rewrite scalemxAl. Qed.
Lemma mul_scale_right (R : comRingType) m n p c (A : 'M[R]_(m, n)) (B : 'M[R]_(n, p)) : A *m (c *: B) = c *: (A *m B).
Proof. by rewrite scalemxAr. Qed.
Lemma tr_add (R : comRingType) m n (A B : 'M[R]_(m, n)) : (A + B)^T = A^T + B^T.
Proof. by rewrite linearD. Qed.
Lemma tr_scale (R : comRingType) m n c (A : 'M[R]_(m, n)) : (c *: A)^T = c *: A^T.
Proof. by rewrite linearZ. Qed.
Definition products :=
  (tr_add, tr_scale, @trmx_mul, @trmxK, @mulmxDl, @mulmxDr, mul_scale_left, mul_scale_right, @mulmxA).
Ltac matrices := rewrite ?products ?(addmxE, scalemxE); arith.

(* ---- Formal derivatives ---- *)

(* d is a derivation: additive, with Leibniz's rule for products. ∂/∂x_ij of polynomials is one. *)
Section Formal.
Variable R : comRingType.
Implicit Types (d : R -> R) (u v : R).
Definition derivation d := (forall u v, d (u + v) = d u + d v) /\ (forall u v, d (u * v) = d u * v + u * d v).
Variable d : R -> R.
Hypothesis D : derivation d.
Lemma fder_eq u v w : d u = v -> v = w -> d u = w.
Proof. by move=> <-. Qed.
Lemma fder_add u v u' v' : d u = u' -> d v = v' -> d (u + v) = u' + v'.
Proof. by case: D => -> _ -> ->. Qed.
Lemma fder_mul u v u' v' : d u = u' -> d v = v' -> d (u * v) = u' * v + u * v'.
Proof. by case: D => _ -> -> ->. Qed.
Lemma fder0 : d 0 = 0.
Proof. by case: D => /(_ 0 0); rewrite addr0 -[LHS]addr0 => /addrI <-. Qed.
Lemma fder1 : d 1 = 0.
Proof. by case: D => _ /(_ 1 1); rewrite !mulr1 mul1r -[LHS]addr0 => /addrI <-. Qed.
Lemma fder_opp u v : d u = v -> d (- u) = - v.
Proof. by move=> <-; apply/eqP; rewrite -addr_eq0; case: D => <- _; rewrite addNr fder0. Qed.
Lemma fder_nat n : d n%:R = 0.
Proof. by elim: n => [|n IH]; rewrite ?fder0 // mulrS (fder_add fder1 IH) addr0. Qed.
Lemma fder_sum n (F F' : 'I_n -> R) : (forall k, d (F k) = F' k) -> d (\sum_(k < n) F k) = \sum_(k < n) F' k.
Proof.
move=> H; elim/big_ind2: _ => [|u u' v v' <- <-|k _]; first exact: fder0.
  by case: D => -> _.
exact: H.
Qed.
End Formal.

Lemma fder_frac (R : numFieldType) (d : R -> R) : derivation d -> forall p q : nat, d (p%:R / q%:R) = 0.
Proof.
move=> D p q; have [_ leibniz] := D; rewrite leibniz fder_nat // mul0r add0r.
have [->|q0] := eqVneq (q%:R : R) 0; first by rewrite invr0 (fder0 D) mulr0.
suff -> : d q%:R^-1 = 0 by rewrite mulr0.
apply: (mulfI q0); rewrite mulr0.
have : d (q%:R * q%:R^-1) = 0 by rewrite divff // (fder1 D).
by rewrite leibniz fder_nat // mul0r add0r.
Qed.

(* ---- The inverse ---- *)

(* From A·B = I and 0 = d(A·B) = dA·B + A·dB follows dB = −B·dA·B. *)
Lemma inverse_from (R : comRingType) n (A B dA dB : 'M[R]_n) :
  A *m B = 1%:M -> dA *m B + A *m dB = 0 -> dB = - (B *m dA *m B).
Proof.
move=> AB E; have BA : B *m A = 1%:M by exact: mulmx1C.
have {}E : A *m dB = - (dA *m B) by apply/eqP; rewrite -addr_eq0 addrC E.
by rewrite -[LHS]mul1mx -BA -mulmxA E mulmxN mulmxA.
Qed.

Section Inverse.
Variables (R : comRingType) (d : R -> R) (n : nat) (A B : 'M[R]_n).
Hypotheses (D : derivation d) (AB : A *m B = 1%:M).
Lemma inverse_rule : map_mx d B = - (B *m map_mx d A *m B).
Proof.
apply: (inverse_from AB); apply/matrixP => i j; rewrite !mxE -big_split /=.
transitivity (d ((A *m B) i j)); last by rewrite AB mxE (fder_nat D).
rewrite mxE; apply: esym; apply: (fder_sum D) => k; rewrite !mxE; exact: (fder_mul D).
Qed.

(* and entry by entry: ∂b_ij = −Σ_r Σ_s b_ir ∂a_rs b_sj *)
Lemma inverse_rule_entry i j : d (B i j) = - \sum_r \sum_s B i r * d (A r s) * B s j.
Proof.
transitivity (map_mx d B i j); first by rewrite mxE.
rewrite inverse_rule mxE mxE exchange_big /=; congr (- _).
by apply: eq_bigr => s _; rewrite mxE big_distrl /=; apply: eq_bigr => r _; rewrite mxE.
Qed.
End Inverse.

(* the derivative of an expression, by its form *)
Ltac fder_rules := match goal with D : derivation _ |- _ => lazymatch goal with
  | |- _ (GRing.add _ _) = _ => apply: (fder_add D); fder_rules
  | |- _ (GRing.opp _) = _ => apply: (fder_opp D); fder_rules
  | |- _ (bigop _ _ _) = _ => apply: (fder_sum D) => ?; fder_rules
  | _ => first
      [ exact: (fder0 D) | exact: (fder1 D) | exact: (fder_nat D) | exact: (fder_frac D)
      | apply: (fder_mul D); fder_rules
      | match goal with H : forall _, _ = _ * _ |- _ => apply: etrans (H _) _; apply: (f_equal2 *%R erefl); fder_rules end
      | match goal with H : _ |- _ => exact: H end ]
  end end.
