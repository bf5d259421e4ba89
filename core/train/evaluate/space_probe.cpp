#include "core/train/evaluate/space_probe.h"

#include "core/align/marked_answer.h"
#include "core/align/vocabulary.h"
#include "core/analysis/row_predictions.h"
#include "core/analysis/structure_distance.h"
#include "core/base/random_stream.h"
#include "core/batch/packed_rows.h"
#include "core/config/methods/method_traits.h"
#include "core/distill/compared_rows.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace dskd::train
{
namespace
{

std::size_t placeOf(Side side)
{
    return side == Side::Student ? 0 : 1;
}

Side otherThan(Side side)
{
    return side == Side::Student ? Side::Teacher : Side::Student;
}

const dataset::Sample& sampleOf(const Example& example, Side side)
{
    return side == Side::Student ? example.student : example.teacher;
}

std::vector<double> numbersOf(const at::Tensor& vector)
{
    const at::Tensor plain = vector.to(at::kCPU, at::kDouble).contiguous();
    return {plain.const_data_ptr<double>(), plain.const_data_ptr<double>() + plain.numel()};
}

SpaceAxes recordOf(const analysis::PrincipalAxes& axes, std::int64_t step, Side space)
{
    return {step, space, numbersOf(axes.center), numbersOf(axes.axes[0]), numbersOf(axes.axes[1]), axes.explained};
}

analysis::PrincipalAxes axesOf(const SpaceAxes& record)
{
    const auto tensor = [](const std::vector<double>& values) { return at::tensor(values, at::kDouble); };
    return {tensor(record.center), at::stack({tensor(record.first), tensor(record.second)}), record.explained};
}

// `count` different numbers in [0, total), rising.
std::vector<std::int64_t> drawn(std::int64_t count, std::int64_t total, std::uint64_t seed)
{
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(total));
    std::iota(numbers.begin(), numbers.end(), 0);
    RandomStream random(seed, "probe points");
    const auto wanted = static_cast<std::size_t>(std::min(count, total));
    for (std::size_t i = 0; i < wanted; ++i) { // Fisher and Yates, as far as needed
        std::swap(numbers[i], numbers[i + random.below(numbers.size() - i)]);
    }
    numbers.resize(wanted);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

at::Tensor rowsAt(const at::Tensor& rows, const at::Tensor& index)
{
    return rows.index_select(0, index.to(rows.device()));
}

} // namespace

std::vector<align::TokenPair> rowPartners(const Tokenizers& tokenizers, const Example& example, config::LossOn lossOn)
{
    std::vector<align::TokenPair> pairs =
        exactPartners({*tokenizers.teacher, example.teacher}, {*tokenizers.student, example.student},
                      example.record.responses.front());
    if (lossOn == config::LossOn::All) { // the rows begin with the prompt's
        for (align::TokenPair& pair : pairs) {
            pair.teacherRow += static_cast<std::int32_t>(example.teacher.firstRow());
            pair.studentRow += static_cast<std::int32_t>(example.student.firstRow());
        }
    }
    return pairs;
}

SpaceProbe::SpaceProbe(const config::Experiment& experiment, const Tokenizers& tokenizers,
                       const std::vector<Example>& examples, const distill::Distiller& distiller,
                       const std::vector<SpaceAxes>& kept, std::vector<std::int64_t> numbers)
    : m_distiller(distiller), m_lossOn(experiment.data.lossOn), m_chunkRows(experiment.train.chunkRows),
      m_numbers(std::move(numbers)), m_tokenizers(tokenizers), m_attends(config::attends(distiller.method()))
{
    if (tokenizers.teacher != nullptr) {
        for (const Example& example : examples) {
            m_partners.push_back(partnersOf(example));
        }
    }
    if (!tokenizers.shared()) {
        const align::VocabularyComparison compared =
            align::compareVocabularies(*tokenizers.teacher, *tokenizers.student);
        m_vocabularies.studentFromTeacher = at::tensor(
            std::vector<std::int64_t>(compared.studentFromTeacher.begin(), compared.studentFromTeacher.end()),
            at::kLong);
    }
    for (const Side side : {Side::Student, Side::Teacher}) {
        drawRows(m_pictures[placeOf(side)], side, examples, experiment.seed);
    }
    for (const SpaceAxes& axes : kept) {
        m_pictures[placeOf(axes.space)].axes = axesOf(axes);
    }
}

SpaceProbe::Partners SpaceProbe::partnersOf(const Example& example) const
{
    if (m_tokenizers.shared()) {
        return {.everyRow = true, .student = {}, .teacher = {}};
    }
    std::vector<std::int64_t> student;
    std::vector<std::int64_t> teacher;
    for (const align::TokenPair& pair : rowPartners(m_tokenizers, example, m_lossOn)) {
        student.push_back(pair.studentRow);
        teacher.push_back(pair.teacherRow);
    }
    return {.everyRow = false, .student = at::tensor(student, at::kLong), .teacher = at::tensor(teacher, at::kLong)};
}

void SpaceProbe::drawRows(Picture& picture, Side side, const std::vector<Example>& examples, std::uint64_t seed) const
{
    const tokenizer::Tokenizer* tokenizer =
        side == Side::Student ? m_tokenizers.student.get() : m_tokenizers.teacher.get();
    picture.drawn.resize(examples.size());
    picture.tokens.resize(examples.size());
    if (tokenizer == nullptr) { // no teacher
        return;
    }
    std::int64_t total = 0;
    for (const Example& example : examples) {
        total += batch::numScoredRows(sampleOf(example, side), m_lossOn);
    }
    std::int64_t begin = 0; // of the sample's rows among all
    std::size_t next = 0;
    const std::vector<std::int64_t> chosen = drawn(kMostRows, total, seed);
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const dataset::Sample& sample = sampleOf(examples[i], side);
        const std::int64_t end = begin + batch::numScoredRows(sample, m_lossOn);
        for (; next < chosen.size() && chosen[next] < end; ++next) {
            const std::int64_t row = chosen[next] - begin;
            const auto predicts = static_cast<std::size_t>(batch::firstScoredRow(sample, m_lossOn) + row + 1);
            picture.drawn[i].push_back(row);
            picture.tokens[i].push_back(align::tokenLabel(*tokenizer, sample.ids[predicts]));
        }
        begin = end;
    }
}

void SpaceProbe::add(std::size_t sample, const batch::StepRows& rows)
{
    const at::NoGradGuard noGrad;
    std::optional<distill::SpaceStates> inStudent;
    std::optional<distill::SpaceStates> inTeacher;
    if (rows.teacher.hidden.defined()) {
        addStructure(sample, rows);
        inStudent = m_distiller.statesInStudentSpace(rows);
        inTeacher = m_distiller.statesInTeacherSpace(rows);
    }
    addPredictions(sample, rows, inStudent, inTeacher);
    addStates(m_pictures[placeOf(Side::Student)], Side::Student, sample, rows.student.hidden, inStudent);
    addStates(m_pictures[placeOf(Side::Teacher)], Side::Teacher, sample, rows.teacher.hidden, inTeacher);
}

void SpaceProbe::addStructure(std::size_t sample, const batch::StepRows& rows)
{
    const Partners& partners = m_partners.at(sample);
    at::Tensor student = rows.student.hidden;
    at::Tensor teacher = rows.teacher.hidden;
    if (!partners.everyRow) {
        student = rowsAt(student, partners.student);
        teacher = rowsAt(teacher, partners.teacher);
    }
    if (student.size(0) == 0) {
        return; // no token of the answer is the same for both
    }
    const analysis::StructureDistance distance = analysis::structureDistance(student, teacher);
    m_structures.push_back({m_numbers.at(sample), student.size(0), distance.cosine, distance.product,
                            distance.cosineMean, distance.productMean, distance.productRows});
}

at::Tensor SpaceProbe::predict(const std::string& of, const kernels::HeadRows& rows, const at::Tensor& labels)
{
    const analysis::RowPredictions said = analysis::predictRows(rows, m_chunkRows);
    const auto count = static_cast<double>(rows.hidden.size(0));
    m_means["probe." + of + "_entropy"].add(said.entropySum, count);
    m_means["probe." + of + "_accuracy"].add(said.predicted.eq(labels.to(at::kCPU)).sum().item<double>(), count);
    return said.predicted;
}

void SpaceProbe::addPredictions(std::size_t sample, const batch::StepRows& rows,
                                const std::optional<distill::SpaceStates>& inStudent,
                                const std::optional<distill::SpaceStates>& inTeacher)
{
    const auto labelsOf = [](const at::Tensor& labels, const at::Tensor& index) {
        return index.defined() ? labels.index_select(0, index) : labels;
    };
    // `asked` holds -1 where there is no such token of the student's
    const auto addAgreement = [&](const std::string& name, const at::Tensor& said, const at::Tensor& asked) {
        m_means[name].add(said.eq(asked).sum().item<double>(), asked.ge(0).sum().item<double>());
    };
    const batch::SideRows& student = rows.student;
    const batch::SideRows& teacher = rows.teacher;
    const at::Tensor q =
        predict("q", {.hidden = student.hidden, .head = student.head, .softcap = student.softcap}, student.labels);
    if (!teacher.hidden.defined()) {
        return;
    }
    const Partners& partners = m_partners.at(sample);
    const auto besideTeacher = [&](const at::Tensor& ofTeacher) {
        const at::Tensor known = distill::inStudentVocabulary(m_vocabularies, ofTeacher, student.head);
        return partners.everyRow ? known : known.index_select(0, partners.teacher);
    };
    const at::Tensor besideStudent = partners.everyRow ? q : q.index_select(0, partners.student);
    const at::Tensor p =
        predict("p", {.hidden = teacher.hidden, .head = teacher.head, .softcap = teacher.softcap}, teacher.labels);
    addAgreement("probe.q_agreement", besideStudent, besideTeacher(p));
    if (inStudent) {
        (void)predict("t2s", {.hidden = inStudent->teacher, .head = student.head, .softcap = student.softcap},
                      labelsOf(student.labels, inStudent->studentRows));
    }
    if (inTeacher) {
        const at::Tensor s2t =
            predict("s2t", {.hidden = inTeacher->student, .head = teacher.head, .softcap = teacher.softcap},
                    labelsOf(teacher.labels, inTeacher->teacherRows));
        if (m_attends) { // one row for each of the teacher's
            addAgreement("probe.s2t_agreement", besideStudent, besideTeacher(s2t));
        } else {
            const at::Tensor& index = inTeacher->studentRows;
            addAgreement("probe.s2t_agreement", index.defined() ? q.index_select(0, index.to(at::kCPU)) : q,
                         distill::inStudentVocabulary(m_vocabularies, s2t, student.head));
        }
    }
}

void SpaceProbe::addStates(Picture& picture, Side space, std::size_t sample, const at::Tensor& own,
                           const std::optional<distill::SpaceStates>& compared)
{
    const std::vector<std::int64_t>& wanted = picture.drawn[sample];
    if (wanted.empty() || !own.defined()) {
        return;
    }
    const auto keep = [&](Side side, const at::Tensor& states, const std::vector<std::int64_t>& places,
                          const std::vector<std::int64_t>& rows) {
        picture.states[placeOf(side)].push_back(
            rowsAt(states, at::tensor(places, at::kLong)).to(at::kCPU, at::kDouble));
        for (const std::int64_t row : rows) {
            picture.statesFrom[placeOf(side)].push_back({static_cast<std::int64_t>(sample), row});
        }
    };
    keep(space, own, wanted, wanted);
    if (!compared) {
        return;
    }
    const at::Tensor& projected = space == Side::Student ? compared->teacher : compared->student;
    const at::Tensor& rowsOf = space == Side::Student ? compared->studentRows : compared->teacherRows;
    if (!rowsOf.defined()) {
        keep(otherThan(space), projected, wanted, wanted);
        return;
    }
    std::vector<std::int64_t> places; // among the pairs
    std::vector<std::int64_t> rows;
    const at::Tensor paired = rowsOf.to(at::kCPU).contiguous();
    for (std::int64_t i = 0; i < paired.size(0); ++i) {
        const std::int64_t row = paired.const_data_ptr<std::int64_t>()[i];
        if (std::binary_search(wanted.begin(), wanted.end(), row)) {
            places.push_back(i);
            rows.push_back(row);
        }
    }
    keep(otherThan(space), projected, places, rows);
}

void SpaceProbe::drawPictures(std::int64_t step, Observer& observer)
{
    std::vector<SpacePoint> points;
    for (const Side space : {Side::Student, Side::Teacher}) {
        Picture& picture = m_pictures[placeOf(space)];
        std::vector<at::Tensor> all = picture.states[placeOf(space)];
        const std::vector<at::Tensor>& others = picture.states[placeOf(otherThan(space))];
        all.insert(all.end(), others.begin(), others.end());
        if (all.empty()) {
            continue;
        }
        const std::int64_t width = all.front().size(1);
        if (picture.axes && picture.axes->center.size(0) != width) {
            picture.axes.reset(); // of another model, which a person accepted in its place
        }
        if (!picture.axes) {
            picture.axes = analysis::fitAxes(at::cat(all));
            if (!picture.axes) {
                continue; // not finite; perhaps the next probe's are
            }
            observer.onSpaceAxes(recordOf(*picture.axes, step, space));
        }
        for (const Side side : {space, otherThan(space)}) {
            if (picture.states[placeOf(side)].empty()) {
                continue;
            }
            const at::Tensor places =
                analysis::projectOnto(*picture.axes, at::cat(picture.states[placeOf(side)])).contiguous();
            const double* place = places.const_data_ptr<double>();
            for (const DrawnState& from : picture.statesFrom[placeOf(side)]) {
                const auto sample = static_cast<std::size_t>(from.sample);
                const std::vector<std::int64_t>& rows = picture.drawn[sample];
                const auto token = std::lower_bound(rows.begin(), rows.end(), from.row) - rows.begin();
                points.push_back({space, side, m_numbers.at(sample), from.row,
                                  picture.tokens[sample][static_cast<std::size_t>(token)], place[0], place[1]});
                place += 2;
            }
        }
    }
    observer.onSpacePoints(step, points);
}

void SpaceProbe::report(std::int64_t step, std::int64_t tokens, Observer& observer)
{
    std::map<std::string, double> values;
    for (const SampleStructure& sample : m_structures) { // means over the samples
        m_means["structure.cosine"].add(sample.cosine, 1.0);
        m_means["structure.product"].add(sample.product, 1.0);
        m_means["structure.cosine_mean"].add(sample.cosineMean, 1.0);
        m_means["structure.product_mean"].add(sample.productMean, 1.0);
    }
    for (const auto& [name, mean] : m_means) {
        if (mean.count > 0.0) {
            values[name] = mean.sum / mean.count;
        }
    }
    if (!values.empty()) {
        observer.onMetrics(step, tokens, values);
    }
    observer.onStructure(step, m_structures);
    drawPictures(step, observer);
    m_means.clear();
    m_structures.clear();
    for (Picture& picture : m_pictures) {
        picture.states = {};
        picture.statesFrom = {};
    }
}

} // namespace dskd::train
