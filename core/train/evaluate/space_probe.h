#pragma once

// How student and teacher lie to each other in their representation spaces, on the probe samples: what the page of
// spaces shows. It only reads: no parameter, no gradient and no generator of random numbers is touched, so a run trains
// bit for bit as without.
//
// A probe costs, besides the forward passes of its samples, a pass of their rows through at most four heads (as much as
// one micro-batch of these samples, without gradients), two N x N matrices a sample of N rows, and the eigenvectors of
// a matrix of at most 512 x 512, once.

#include "core/analysis/principal_axes.h"
#include "core/batch/step_rows.h"
#include "core/config/schema/experiment.h"
#include "core/distill/distiller.h"
#include "core/kernels/head_loss.h"
#include "core/train/data/job_data.h"
#include "core/train/job/observer.h"

#include <ATen/core/Tensor.h>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dskd::train
{

// Rows of an example that predict the same text on both sides (exactPartners), counted as stepRows gives them. Needs a
// teacher.
[[nodiscard]] std::vector<align::TokenPair> rowPartners(const Tokenizers& tokenizers, const Example& example,
                                                        config::LossOn lossOn);

// At each probe, of the rows of the probe samples (METHOD.md 8):
//   structure.*           distances of Eqn. 16-19 between the rows of both models that predict the same text: of
//                         all rows with one tokenizer, else of the pairs that ETA finds. Means over the samples that
//                         have such rows, and every sample by itself (onStructure)
//   probe.*_entropy       of the student's q, the teacher's p, and their projections t2s = p(t->s) and s2t = q(s->t)
//                         at temperature 1: mean over the rows that there are
//   probe.*_accuracy      share of these rows that predict the answer's token
//   probe.q_agreement     share of the compared rows where the student predicts what the teacher does, of those whose
//                         teacher's prediction the student's vocabulary has
//   probe.s2t_agreement   share of the rows where the projected student predicts what the student does; likewise
//   pictures              two axes a space, fitted to the drawn states of the first probe (analysis::fitAxes) and kept.
//                         Drawn from the seed's stream "probe points": at most kMostRows rows of the model whose space
//                         it is, each with its projected counterpart where there is one
// Without a teacher only what is the student's. Worker only, one thread.
class SpaceProbe
{
public:
    // Points of a space: one a row, or two where the other model is projected into it.
    static constexpr std::int64_t kMostRows = 256;

    // Everything referenced must outlive the probe. `kept`: axes of earlier attempts. `numbers`: of the examples, which
    // their records have.
    SpaceProbe(const config::Experiment& experiment, const Tokenizers& tokenizers, const std::vector<Example>& examples,
               const distill::Distiller& distiller, const std::vector<SpaceAxes>& kept,
               std::vector<std::int64_t> numbers);

    // Every sample in order, and then what they make together.
    void add(std::size_t sample, const batch::StepRows& rows);
    void report(std::int64_t step, std::int64_t tokens, Observer& observer);

private:
    // Rows of both sides of a sample that predict the same text.
    struct Partners {
        bool everyRow = false; // one tokenizer: all rows, in order
        at::Tensor student;    // (P) int64 on the CPU
        at::Tensor teacher;
    };
    struct Mean {
        double sum = 0.0;
        double count = 0.0;
        void add(double value, double of)
        {
            sum += value;
            count += of;
        }
    };
    struct DrawnState {
        std::int64_t sample = 0;
        std::int64_t row = 0;
    };
    // What one space's picture is drawn from.
    struct Picture {
        std::vector<std::vector<std::int64_t>> drawn; // rows of the space's own model, rising, for every sample
        std::vector<std::vector<std::string>> tokens; // that they predict
        std::optional<analysis::PrincipalAxes> axes;
        std::array<std::vector<at::Tensor>, 2> states;     // by Side: of this probe, (n, width) each
        std::array<std::vector<DrawnState>, 2> statesFrom; // one for every row of them
    };

    [[nodiscard]] Partners partnersOf(const Example& example) const;
    void drawRows(Picture& picture, Side side, const std::vector<Example>& examples, std::uint64_t seed) const;
    void addStructure(std::size_t sample, const batch::StepRows& rows);
    void addPredictions(std::size_t sample, const batch::StepRows& rows,
                        const std::optional<distill::SpaceStates>& inStudent,
                        const std::optional<distill::SpaceStates>& inTeacher);
    [[nodiscard]] at::Tensor predict(const std::string& of, const kernels::HeadRows& rows, const at::Tensor& labels);
    void addStates(Picture& picture, Side space, std::size_t sample, const at::Tensor& own,
                   const std::optional<distill::SpaceStates>& compared);
    void drawPictures(std::int64_t step, Observer& observer);

    const distill::Distiller& m_distiller;
    config::LossOn m_lossOn;
    std::int64_t m_chunkRows;
    std::vector<std::int64_t> m_numbers; // by sample
    const Tokenizers& m_tokenizers;
    bool m_attends; // a projected row mixes rows of the other model, so that it has no counterpart of its own
    batch::VocabularyMap m_vocabularies;
    std::vector<Partners> m_partners;  // of every sample; empty without a teacher
    std::array<Picture, 2> m_pictures; // by Side

    // Of the probe that is under way.
    std::vector<SampleStructure> m_structures;
    std::map<std::string, Mean> m_means; // by metric
};

} // namespace dskd::train
