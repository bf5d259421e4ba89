#pragma once

#include "core/config/schema/experiment.h"
#include "core/distill/distiller.h"
#include "core/model/causal_lm.h"
#include "core/teacher/teacher_source.h"
#include "core/train/data/job_data.h"
#include "core/train/evaluate/space_probe.h"
#include "core/train/job/observer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::train
{

// Records a few fixed samples during training: the alignment as heat maps (HeatMap), how often the projected teacher
// predicts what the teacher predicts (probe.agreement: the mean of Distiller::agreement over the samples), how far
// attention's queries are from its keys, and how the two models lie to each other in their spaces (SpaceProbe). What is
// trained does not depend on it. Worker only.
class Probes
{
public:
    // Everything referenced must outlive the probes; `examples` are the probe samples, tokenised for the teacher too
    // where there is one: the method's, or one that only the probes use. Those of soft alignments are paired here
    // (rowPartners). `kept`: Observer::keptAxes. `numbers`: of the examples in the data, from 0, which records have;
    // empty: 0, 1, 2 and so on.
    Probes(const config::Experiment& experiment, const Tokenizers& tokenizers, std::vector<Example> examples,
           model::CausalLm& student, teacher::TeacherSource* teacher, distill::Distiller& distiller,
           const std::vector<SpaceAxes>& kept = {}, std::vector<std::int64_t> numbers = {});

    void record(std::int64_t step, std::int64_t tokens, Observer& observer);

private:
    void recordAlignment(std::int64_t step, std::int64_t sample, const batch::StepRows& rows, Observer& observer) const;

    config::MethodConfig m_method;
    config::LossOn m_lossOn;
    std::int64_t m_mapTokens; // log.map_tokens
    const Tokenizers& m_tokenizers;
    std::vector<Example> m_examples;
    std::vector<std::int64_t> m_numbers; // of each
    model::CausalLm& m_student;
    teacher::TeacherSource* m_teacher; // null: only the student is there
    distill::Distiller& m_distiller;
    SpaceProbe m_spaces;
};

} // namespace dskd::train
