#pragma once

// What makes a method: where, how and by which distance distributions are compared, and by which projectors.

#include "core/base/distance.h"
#include "core/config/schema/alignment.h"

#include <cstdint>

namespace dskd::config
{

// Fine-tuning, distillation, or the policy gradient of the reverse KL over the student's own answers (MiniLLM).
enum class Objective { Sft, Kd, PolicyGradient };
// Whose mathematics where the published code and the papers differ (distill/METHOD.md 11): the papers', or what the
// first (DSKD) or second (DSKD v2) published code computes.
enum class Fidelity { Paper, ReferenceV1, ReferenceV2 };
// Where teacher and student distributions are compared: each through its own head (vanilla KD), through the student's
// head, through the teacher's head, or both of the last two (DSKD, paper Eqn. 10).
enum class Space { Different, Student, Teacher, Dual };
// The labels of the projected teacher: the answer's tokens, or those that the teacher itself finds most probable.
enum class T2sTarget { Gold, Teacher };
enum class ProjectorInit { Random, Pinv };
// The projector into the teacher's space: trained, recomputed from the student's current head, or kept from the start.
enum class S2tProjector { Trained, Tracked, Frozen };
// What makes the queries of cross-model attention look like its keys (DSKD-CMA-GA): nothing, a discriminator, the same
// as published (no gradient reaches the queries: a control), conditional transport, or Sinkhorn's optimal transport.
enum class KeyQueryMatching { Off, Gan, GanPublished, Ct, Sinkhorn };

struct MethodConfig {
    Objective objective = Objective::Kd;
    Fidelity fidelity = Fidelity::Paper;
    Space space = Space::Dual;
    Alignment alignment = Alignment::None;
    Distance distance = Distance::Kl;        // in the student space, and in different spaces
    Distance teacherDistance = Distance::Kl; // in the teacher space; the paper fixes KL (Eqn. 9)
    double temperature = 2.0;
    double teacherTemperature =
        1.0; // additional divisor of the target logits in the student space and in different ones
    bool temperatureSquared = false; // multiply KD terms by temperature^2; the paper does not
    double kdRate = 0.5;             // alpha of Eqn. 15
    double skewLambda = 0.1;         // lambda of SKL and SRKL
    double adaptiveAlpha = 0.5;      // tail mass of AKL
    double beta = 0.5;               // of SYM and GJS
    T2sTarget t2sTarget = T2sTarget::Gold;
    bool agreementMask = false;      // student-space KD only where the projected teacher predicts its label (DSKD v2)
    double agreementThreshold = 1.0; // above this share of agreeing rows the mask is off
    bool correctnessMask = true;     // CMA, footnote 5: student-space KD only where the projected teacher is right
};

// Makes the queries of CMA and CLA look like the keys (DSKD-CMA-GA, L_KQ).
struct KeyQueryConfig {
    KeyQueryMatching matching = KeyQueryMatching::Off;
    double rate = 0.01;        // beta: weight of the matching loss
    std::int64_t hidden = 768; // width of discriminator and critics
    double lr = 1e-4;          // of discriminator and critics
    double weightDecay = 0.01;
    double dropout = 0.1;         // in discriminator and critics
    std::int64_t rows = 512;      // at most so many rows of each side are matched in a micro-batch, drawn at random
    double sinkhornEpsilon = 0.1; // entropy regularisation, relative to the mean cost
    std::int64_t sinkhornIterations = 50;
};

struct ProjectorConfig {
    double lr = 1e-3;
    double weightDecay = 0.01;
    ProjectorInit init = ProjectorInit::Random;
    bool bias = true;
    S2tProjector s2t = S2tProjector::Trained;
    std::int64_t topVocabulary = 0; // pinv: only the first K tokens that both vocabularies have; 0: all
    double rcond = 0.0;             // pinv: singular values below rcond x the largest count as 0; 0: by the dtype
};

} // namespace dskd::config
