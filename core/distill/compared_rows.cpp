#include "core/distill/compared_rows.h"

#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/distill/padded_attention.h"
#include "core/kernels/head_loss.h"
#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace dskd::distill
{
namespace
{

// Student indices or teacher keys before projection and normalisation: [e(x); e(y)]. Embeddings are constants here.
at::Tensor tokenPairs(const batch::SideRows& side)
{
    const at::Tensor table = side.embedding.detach();
    return at::cat({table.index_select(0, side.inputIds), table.index_select(0, side.labels)}, 1);
}

// Outside the response every token counts as token 0: [e(0); e(0)], (1, 2 width).
at::Tensor outsideTokenPair(const batch::SideRows& side)
{
    const at::Tensor row = side.embedding.detach().narrow(0, 0, 1);
    return at::cat({row, row}, 1);
}

// `row` (1, width) once for every position outside the response.
batch::Moments repeatedOutside(const batch::OutsideRows& outside, const at::Tensor& row)
{
    const at::Tensor values = row.to(at::kDouble);
    const auto positions = static_cast<double>(outside.positions);
    return {outside.positions * row.numel(), values.sum().item<double>() * positions,
            values.square().sum().item<double>() * positions};
}

at::Tensor divided(const at::Tensor& x, double by)
{
    return x.to(tensor::wideFloat(x)) / by;
}

// What the keys of CMA are divided by where prompts and padding count.
double keyDeviation(const batch::SideRows& teacher)
{
    return deviation(tokenPairs(teacher), repeatedOutside(*teacher.outside, outsideTokenPair(teacher)));
}

at::Tensor attentionKeys(const batch::SideRows& teacher)
{
    return teacher.outside ? divided(tokenPairs(teacher), keyDeviation(teacher))
                           : dividedByDeviation(tokenPairs(teacher));
}

void checkSameRows(const batch::StepRows& rows)
{
    TORCH_CHECK(rows.student.hidden.size(0) == rows.teacher.hidden.size(0),
                "without an alignment both sides must have the same rows, not ", rows.student.hidden.size(0), " and ",
                rows.teacher.hidden.size(0));
}

void checkPairs(const batch::StepRows& rows)
{
    TORCH_CHECK(rows.pairs.student.defined() && rows.pairs.teacher.defined() &&
                    rows.pairs.student.sizes() == rows.pairs.teacher.sizes(),
                "this alignment needs the pairs of rows that predict the same text");
}

// The factor that scales a sum over the compared rows up to all rows.
double rowScale(std::int64_t rows, std::int64_t compared)
{
    return compared > 0 ? static_cast<double>(rows) / static_cast<double>(compared) : 0.0;
}

// The teacher's own most probable tokens (M) int64, in its vocabulary.
at::Tensor teacherPredictions(const Composition& parts, const batch::SideRows& teacher)
{
    return kernels::argmaxRows({teacher.hidden, teacher.head}, parts.chunkRows);
}

// In what share of the rows the prediction is the label; 0 for no rows.
double shareOf(const at::Tensor& predicted, const at::Tensor& labels)
{
    return predicted.size(0) > 0 ? predicted.eq(labels).to(at::kDouble).mean().item<double>() : 0.0;
}

// The scale with which a sum over `count` rows becomes, in ReferenceV2, their mean, averaged over the micro-batches.
double meanScale(const batch::StepRows& step, std::int64_t count)
{
    return count > 0 ? step.denominator / (step.microBatches * static_cast<double>(count)) : 0.0;
}

double pairScale(const Composition& parts, const batch::StepRows& step, std::int64_t pairs)
{
    if (config::rowOf(parts.method.alignment).pairsByNumber() && parts.method.fidelity != config::Fidelity::Paper) {
        return 1.0; // a plain sum: tokens without a partner count 0
    }
    return config::meansOfMicroBatches(parts.method) ? meanScale(step, pairs)
                                                     : rowScale(step.student.hidden.size(0), pairs);
}

// The agreement mask (DSKD v2): the distance of the rows where the projected teacher predicts its label, weighted up to
// the number of all rows; of all rows when more than the threshold agree. ReferenceV2 takes a micro-batch's share of
// the step's tokens for its number of rows, as the published code does for its threshold.
void maskDisagreement(ComparedRows& compared, const Composition& parts, const batch::StepRows& step)
{
    const at::NoGradGuard noGrad;
    const at::Tensor predicted =
        kernels::argmaxRows({compared.target.detach(), step.student.head.detach()}, parts.chunkRows);
    const at::Tensor agree = predicted.eq(compared.labels).to(at::kDouble);
    const at::Tensor count = agree.sum();
    const bool shareOfStep = config::meansOfMicroBatches(parts.method) && compared.everyRow;
    const double rows = shareOfStep ? step.denominator / step.microBatches : static_cast<double>(agree.size(0));
    const at::Tensor masked = agree * (rows / count.clamp_min(1.0));
    compared.weights =
        at::where(count.le(parts.method.agreementThreshold * rows), masked, at::ones_like(agree)).to(at::kFloat);
    compared.agreeing = count.item<double>();
}

struct LabelledPairs {
    at::Tensor student; // (P) row numbers
    at::Tensor teacher;
    at::Tensor labels; // (P) in the student's vocabulary
    std::optional<double> teacherAccuracy = {};
};

// ETA: the pairs' rows. Their labels are the answer's tokens, or the teacher's predictions where the student's
// vocabulary has them; pairs without a label are left out.
LabelledPairs labelledPairs(const Composition& parts, const batch::StepRows& rows)
{
    checkPairs(rows);
    at::Tensor student = rows.pairs.student;
    at::Tensor teacher = rows.pairs.teacher;
    at::Tensor labels;
    std::optional<double> teacherAccuracy;
    if (parts.method.t2sTarget == config::T2sTarget::Gold) {
        labels = rows.student.labels.index_select(0, student);
    } else {
        batch::SideRows paired = rows.teacher;
        paired.hidden = rows.teacher.hidden.index_select(0, teacher);
        const at::Tensor tokens = teacherPredictions(parts, paired);
        teacherAccuracy = shareOf(tokens, rows.teacher.labels.index_select(0, teacher));
        const at::Tensor predicted = inStudentVocabulary(parts.vocabularies, tokens, rows.student.head);
        const at::Tensor valid = predicted.ge(0).nonzero().squeeze(1);
        labels = predicted.index_select(0, valid);
        student = student.index_select(0, valid);
        teacher = teacher.index_select(0, valid);
    }
    return {student, teacher, labels, teacherAccuracy};
}

ComparedRows pairsInStudentSpace(const Composition& parts, const batch::StepRows& rows)
{
    const LabelledPairs pairs = labelledPairs(parts, rows);
    ComparedRows compared;
    compared.everyRow = false;
    compared.labels = pairs.labels;
    compared.labelledByTeacher = parts.method.t2sTarget == config::T2sTarget::Teacher;
    compared.teacherAccuracy = pairs.teacherAccuracy;
    compared.studentRows = pairs.student;
    compared.teacherRows = pairs.teacher;
    compared.student = rows.student.hidden.index_select(0, pairs.student);
    compared.target = parts.projectors.toStudent(rows.teacher.hidden.detach().index_select(0, pairs.teacher));
    compared.scale = pairScale(parts, rows, pairs.student.size(0));
    return compared;
}

// MinED.
ComparedRows matchedBySpelling(const Composition& parts, const batch::StepRows& rows)
{
    checkPairs(rows);
    const std::int64_t count = rows.student.hidden.size(0);
    const at::TensorOptions ids = rows.pairs.student.options();
    const at::Tensor partner = at::zeros({count}, ids).index_copy_(0, rows.pairs.student, rows.pairs.teacher);
    const at::Tensor aligned = at::zeros({count}, ids.dtype(at::kBool)).index_fill_(0, rows.pairs.student, true);
    ComparedRows compared;
    compared.student = rows.student.hidden;
    compared.target = rows.teacher.hidden.detach().index_select(0, partner);
    compared.labels = rows.student.labels;
    if (!parts.ownAnswers) {
        compared.labelOnly = aligned.logical_not();
    } else { // the answer's tokens are not known to be right
        compared.weights = aligned.to(at::kDouble) * rowScale(count, rows.pairs.student.size(0));
    }
    return compared;
}

// CLA as published.
PaddedAttention paddedAttention(const Composition& parts, const batch::StepRows& rows)
{
    const auto query = [&](const at::Tensor& tokens) { return parts.projectors.toQuery(tokens); };
    return {rows, query(tokenPairs(rows.student)), query(outsideTokenPair(rows.student)), attentionKeys(rows.teacher),
            divided(outsideTokenPair(rows.teacher), keyDeviation(rows.teacher))};
}

// Whether attention mixes the embeddings of the teacher's most probable tokens and not of the answer's.
bool asksTeacher(const Composition& parts)
{
    return parts.method.fidelity == config::Fidelity::ReferenceV2 ||
           parts.method.t2sTarget == config::T2sTarget::Teacher;
}

struct TeacherValues {
    at::Tensor tokens;  // (M) int64, the teacher's: whose embeddings are in them
    at::Tensor rows;    // (M, D)
    at::Tensor outside; // (positions, D); only where CLA reaches into prompts and padding
};

// What the teacher's rows bring into the student's space: N(h) + N(e(y)), where y is the answer's token, or the
// teacher's own (always in ReferenceV2).
TeacherValues teacherValues(const Composition& parts, const batch::SideRows& teacher)
{
    const bool second = parts.method.fidelity == config::Fidelity::ReferenceV2;
    const bool itsOwn = asksTeacher(parts);
    const at::Tensor table = teacher.embedding.detach();
    const at::Tensor tokens = itsOwn ? teacherPredictions(parts, teacher) : teacher.labels;
    const at::Tensor embedded = table.index_select(0, tokens);
    const at::Tensor hidden = teacher.hidden.detach();
    if (!teacher.outside) {
        return {tokens, dividedByDeviation(hidden) + dividedByDeviation(embedded), {}};
    }
    const batch::OutsideRows& outside = *teacher.outside;
    const at::Tensor standIn = table.narrow(0, 0, 1);
    const double hiddenBy = deviation(hidden, outside.hidden);
    const double embeddedBy = deviation(embedded, second ? outside.predicted : repeatedOutside(outside, standIn));
    TeacherValues values{tokens, divided(hidden, hiddenBy) + divided(embedded, embeddedBy), {}};
    if (config::attendsToPadding(parts.method)) {
        values.outside = divided(outside.states.detach(), hiddenBy) + divided(standIn, embeddedBy);
    }
    return values;
}

} // namespace

at::Tensor inStudentVocabulary(const batch::VocabularyMap& vocabularies, const at::Tensor& teacherTokens,
                               const at::Tensor& studentHead)
{
    at::Tensor ids = teacherTokens;
    const at::Tensor& map = vocabularies.studentFromTeacher;
    if (map.defined()) {
        // a head may be wider than its tokenizer: ids beyond it have no token in the student's vocabulary
        const at::Tensor known = ids.lt(map.size(0));
        ids = at::where(known, map.index_select(0, ids.clamp_max(map.size(0) - 1)), at::full_like(ids, -1));
    }
    return at::where(ids.lt(studentHead.size(0)), ids, at::full_like(ids, -1));
}

QueriesAndKeys queriesAndKeys(const Composition& parts, const batch::StepRows& rows)
{
    return {parts.projectors.toQuery(tokenPairs(rows.student)), attentionKeys(rows.teacher)};
}

CrossModelAttention softAlignment(const Composition& parts, const batch::StepRows& rows)
{
    const batch::SideRows& student = rows.student;
    const batch::SideRows& teacher = rows.teacher;
    const auto learned = [&] {
        const QueriesAndKeys compared = queriesAndKeys(parts, rows);
        return CrossModelAttention(compared.query, compared.key, student.rowsPerSample, teacher.rowsPerSample);
    };
    CrossModelAttention attention =
        config::hasQueries(parts.method)
            ? learned()
            : CrossModelAttention::uniform(student.rowsPerSample, teacher.rowsPerSample, student.hidden.options());
    if (config::attendsWithinChunks(parts.method)) {
        TORCH_CHECK(student.chunks.defined() && teacher.chunks.defined(),
                    "this alignment needs the chunks of the rows");
        attention.restrictTo(student.chunks, teacher.chunks);
    }
    return attention;
}

double publishedAlignRatio(const batch::StepRows& rows)
{
    const at::Tensor paired = rows.pairs.student.to(at::kCPU);
    double sum = 0.0;
    std::int64_t begin = 0;
    for (const std::int64_t count : rows.student.rowsPerSample) {
        const auto pairs = paired.ge(begin).logical_and(paired.lt(begin + count)).sum().item<double>();
        sum += pairs > 0.0 ? pairs / static_cast<double>(count) : 1.0;
        begin += count;
    }
    return sum / static_cast<double>(rows.student.rowsPerSample.size());
}

ComparedRows inStudentSpace(const Composition& parts, const batch::StepRows& rows)
{
    ComparedRows compared;
    if (config::pairsRows(parts.method)) {
        compared = pairsInStudentSpace(parts, rows);
    } else if (config::attends(parts.method)) {
        const TeacherValues values = teacherValues(parts, rows.teacher);
        const at::Tensor projected = parts.projectors.toStudent(values.rows);
        compared.student = rows.student.hidden;
        compared.target =
            values.outside.defined()
                ? paddedAttention(parts, rows).toStudent(projected, parts.projectors.toStudent(values.outside))
                : softAlignment(parts, rows).toQueries(projected);
        compared.labels = rows.student.labels;
        if (asksTeacher(parts)) {
            compared.teacherAccuracy = shareOf(values.tokens, rows.teacher.labels);
        }
        if (parts.ownAnswers) {
            checkPairs(rows);
            compared.labelledByTeacher = true;
            const at::Tensor predicted = inStudentVocabulary(parts.vocabularies, values.tokens, rows.student.head);
            compared.labels = at::full_like(rows.student.labels, -1);
            compared.labels.index_copy_(0, rows.pairs.student, predicted.index_select(0, rows.pairs.teacher));
        }
    } else {
        checkSameRows(rows);
        compared.student = rows.student.hidden;
        compared.target = parts.projectors.toStudent(rows.teacher.hidden.detach());
        compared.labels = rows.student.labels;
        if (parts.method.t2sTarget == config::T2sTarget::Teacher) {
            const at::Tensor predicted = teacherPredictions(parts, rows.teacher);
            compared.teacherAccuracy = shareOf(predicted, rows.teacher.labels);
            compared.labels = predicted.clamp_max(rows.student.head.size(0) - 1);
            compared.labelledByTeacher = true;
        }
    }
    compared.target = compared.target.to(rows.student.head.scalar_type());
    if (parts.method.agreementMask) {
        maskDisagreement(compared, parts, rows);
    }
    if (parts.ownAnswers && config::attends(parts.method)) {
        compared.labelWeights = compared.labels.ge(0).to(at::kFloat);
        compared.labels = compared.labels.clamp_min(0);
    }
    return compared;
}

ComparedRows inTeacherSpace(const Composition& parts, const batch::StepRows& rows)
{
    ComparedRows compared;
    compared.target = rows.teacher.hidden.detach();
    compared.labels = rows.teacher.labels;
    if (config::pairsRows(parts.method)) {
        checkPairs(rows);
        // as published, only where the projected teacher has a label
        const bool onlyLabelled = parts.method.fidelity == config::Fidelity::ReferenceV2;
        const LabelledPairs pairs =
            onlyLabelled ? labelledPairs(parts, rows) : LabelledPairs{rows.pairs.student, rows.pairs.teacher, {}};
        compared.everyRow = false;
        compared.studentRows = pairs.student;
        compared.teacherRows = pairs.teacher;
        compared.student = parts.projectors.toTeacher(rows.student.hidden.index_select(0, pairs.student), rows);
        compared.target = compared.target.index_select(0, pairs.teacher);
        compared.labels = compared.labels.index_select(0, pairs.teacher);
        compared.scale = pairScale(parts, rows, compared.student.size(0));
    } else if (config::attends(parts.method)) {
        const at::Tensor projected = parts.projectors.toTeacher(rows.student.hidden, rows);
        compared.student =
            config::attendsToPadding(parts.method) && rows.student.outside
                ? paddedAttention(parts, rows)
                      .toTeacher(projected, parts.projectors.toTeacher(rows.student.outside->states, rows))
                : softAlignment(parts, rows).toKeys(projected);
    } else {
        checkSameRows(rows);
        compared.student = parts.projectors.toTeacher(rows.student.hidden, rows);
    }
    compared.student = compared.student.to(rows.teacher.head.scalar_type());
    return compared;
}

ComparedRows inDifferentSpaces(const Composition& parts, const batch::StepRows& rows)
{
    if (config::matchesSpellings(parts.method)) {
        return matchedBySpelling(parts, rows);
    }
    ComparedRows compared;
    compared.student = rows.student.hidden;
    compared.target = rows.teacher.hidden.detach();
    if (config::pairsRows(parts.method)) {
        checkPairs(rows);
        compared.everyRow = false;
        compared.student = compared.student.index_select(0, rows.pairs.student);
        compared.target = compared.target.index_select(0, rows.pairs.teacher);
        compared.scale = pairScale(parts, rows, compared.student.size(0));
    } else {
        checkSameRows(rows);
    }
    return compared;
}

} // namespace dskd::distill
