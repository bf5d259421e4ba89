#include "core/train/step.h"

#include "core/base/checkpoint_folders.h"
#include "core/teacher/packed_rows.h"
#include "core/train/job_error.h"

#include <cmath>
#include <optional>
#include <utility>

namespace dskd::train
{

distill::StepRows stepRows(model::CausalLm& student, teacher::TeacherSource* teacher, std::span<const Example> examples,
                           std::span<const std::int64_t> indices, config::LossOn lossOn, config::Alignment alignment,
                           double denominator, bool training)
{
    std::vector<const dataset::Sample*> samples;
    std::vector<teacher::TeacherSample> teacherSamples;
    std::vector<const RowAlignment*> alignments;
    for (const std::int64_t index : indices) {
        const Example& example = examples[static_cast<std::size_t>(index)];
        samples.push_back(&example.student);
        teacherSamples.push_back({index, &example.teacher});
        alignments.push_back(&example.alignment);
    }
    const at::Tensor head = student.head();
    teacher::PackedRows packed = teacher::packRows(samples, lossOn, head.device());
    distill::StepRows rows;
    rows.denominator = denominator;
    rows.student.hidden = student.hiddenStates(packed.tokens, training).index_select(0, packed.index);
    rows.student.labels = packed.labels;
    rows.student.inputIds = packed.inputIds;
    rows.student.head = head;
    rows.student.embedding = student.inputEmbedding();
    rows.student.rowsPerSample = std::move(packed.rowsPerSample);
    if (teacher != nullptr) {
        teacher::TeacherRows known = teacher->rows(teacherSamples);
        rows.teacher.hidden = known.hidden;
        rows.teacher.labels = known.labels;
        rows.teacher.inputIds = known.inputIds;
        rows.teacher.head = teacher->head();
        rows.teacher.embedding = teacher->embedding();
        rows.teacher.rowsPerSample = std::move(known.rowsPerSample);
        setAlignment(rows, alignments, alignment, head.device());
    }
    return rows;
}

StepResult runStep(const StepParts& parts, std::span<const Example> examples,
                   const std::vector<std::vector<std::int64_t>>& microBatches, config::LossOn lossOn, std::int64_t step)
{
    StepResult result;
    for (const std::vector<std::int64_t>& batch : microBatches) {
        for (const std::int64_t index : batch) {
            const dataset::Sample& sample = examples[static_cast<std::size_t>(index)].student;
            result.rows += teacher::numScoredRows(sample, lossOn);
            result.tokens += static_cast<std::int64_t>(sample.ids.size()) - 1;
        }
    }
    for (const std::vector<std::int64_t>& batch : microBatches) {
        const distill::StepRows rows =
            stepRows(parts.student, parts.teacher, examples, batch, lossOn, parts.distiller.method().alignment,
                     static_cast<double>(result.rows), /*training=*/true);
        const distill::LossTerms terms = parts.distiller.compute(rows);
        if (const std::vector<std::string> bad = distill::nonFiniteTerms(terms); !bad.empty()) {
            throwNotFinite(parts.run, bad.front(), terms.values.at(bad.front()), step);
        }
        for (const auto& [name, value] : terms.values) {
            result.values[name] += value;
        }
        terms.loss.backward();
        parts.optimizer.collectGradients();
    }
    return result;
}

void throwNotFinite(const RunLayout& run, const std::string& term, double value, std::int64_t step)
{
    const std::string shown = std::isnan(value) ? "NaN" : (value > 0 ? "infinite" : "minus infinite");
    // Resuming would compute the same value again: seed, data and rates are those of the configuration.
    const std::string id = (run.root / "").parent_path().filename().string(); // with or without a slash at the end
    const std::optional<std::int64_t> checkpoint = latestCheckpoint(run);
    throw JobError(
        ExitCode::NotFinite,
        {"Training stopped at step " + std::to_string(step) + ": " + term + " became " + shown + ".",
         "Likely causes: a learning rate that is too high (train.lr, projector.lr), no warm-up "
         "(train.warmup_steps), no clipping (train.clip_norm), or weights that hold NaN already. Start a "
         "new run with a lower learning rate: dskd show " +
             id + " --config > new.json; dskd run new.json --set train.lr=RATE." +
             (checkpoint ? " The checkpoint of step " + std::to_string(*checkpoint) + " is intact." : std::string())});
}

} // namespace dskd::train
