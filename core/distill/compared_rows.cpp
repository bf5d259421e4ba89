#include "core/distill/compared_rows.h"

#include "core/config/method_traits.h"
#include "core/kernels/head_loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace dskd::distill
{
namespace
{

// Student indices or teacher keys before projection and normalisation: [e(x); e(y)]. Embeddings are constants here.
at::Tensor tokenPairs(const SideRows& side)
{
    const at::Tensor table = side.embedding.detach();
    return at::cat({table.index_select(0, side.inputIds), table.index_select(0, side.labels)}, 1);
}

void checkSameRows(const StepRows& rows)
{
    TORCH_CHECK(rows.student.hidden.size(0) == rows.teacher.hidden.size(0),
                "without an alignment both sides must have the same rows, not ", rows.student.hidden.size(0), " and ",
                rows.teacher.hidden.size(0));
}

void checkPairs(const StepRows& rows)
{
    TORCH_CHECK(rows.pairs.student.defined() && rows.pairs.teacher.defined() &&
                    rows.pairs.student.sizes() == rows.pairs.teacher.sizes(),
                "this alignment needs the pairs of rows that stand for the same text");
}

double standingFor(std::int64_t rows, std::int64_t compared)
{
    return compared > 0 ? static_cast<double>(rows) / static_cast<double>(compared) : 0.0;
}

// The teacher's own most probable tokens (M) int64, in its vocabulary.
at::Tensor teacherPredictions(const Composition& parts, const SideRows& teacher)
{
    return kernels::argmaxRows({teacher.hidden, teacher.head}, parts.chunkRows);
}

// Teacher tokens in the student's vocabulary; -1 where they have no place there.
at::Tensor inStudentVocabulary(const Composition& parts, const at::Tensor& teacherTokens, const at::Tensor& studentHead)
{
    at::Tensor ids = teacherTokens;
    const at::Tensor& map = parts.vocabularies.studentFromTeacher;
    if (map.defined()) {
        // a head may be wider than its tokenizer: what it says beyond has no place in the student's vocabulary
        const at::Tensor known = ids.lt(map.size(0));
        ids = at::where(known, map.index_select(0, ids.clamp_max(map.size(0) - 1)), at::full_like(ids, -1));
    }
    return at::where(ids.lt(studentHead.size(0)), ids, at::full_like(ids, -1));
}

// Keeps the rows where the projected teacher says what its label does, and lets each of them stand for those that do
// not; all rows when more than the threshold agree.
void maskDisagreement(ComparedRows& compared, const Composition& parts, const at::Tensor& head)
{
    const at::NoGradGuard noGrad;
    const at::Tensor said = kernels::argmaxRows({compared.target.detach(), head.detach()}, parts.chunkRows);
    const at::Tensor agree = said.eq(compared.labels).to(at::kDouble);
    const at::Tensor count = agree.sum();
    const auto rows = static_cast<double>(agree.size(0));
    const at::Tensor masked = agree * (rows / count.clamp_min(1.0));
    compared.weights =
        at::where(count.le(parts.method.agreementThreshold * rows), masked, at::ones_like(agree)).to(at::kFloat);
    compared.agreeing = count.item<double>();
}

// ETA: the pairs' rows; what the projected teacher is taught are the answer's tokens, or the teacher's own in the
// student's vocabulary, where they have a place there.
ComparedRows pairsInStudentSpace(const Composition& parts, const StepRows& rows)
{
    checkPairs(rows);
    at::Tensor student = rows.pairs.student;
    at::Tensor teacher = rows.pairs.teacher;
    ComparedRows compared;
    compared.everyRow = false;
    if (parts.method.t2sTarget == config::T2sTarget::Gold) {
        compared.labels = rows.student.labels.index_select(0, student);
    } else {
        SideRows paired = rows.teacher;
        paired.hidden = rows.teacher.hidden.index_select(0, teacher);
        const at::Tensor said = inStudentVocabulary(parts, teacherPredictions(parts, paired), rows.student.head);
        const at::Tensor valid = said.ge(0).nonzero().squeeze(1);
        compared.labels = said.index_select(0, valid);
        student = student.index_select(0, valid);
        teacher = teacher.index_select(0, valid);
    }
    compared.student = rows.student.hidden.index_select(0, student);
    compared.target = parts.projectors.toStudent(rows.teacher.hidden.detach().index_select(0, teacher));
    compared.scale = standingFor(rows.student.hidden.size(0), student.size(0));
    return compared;
}

// MinED.
ComparedRows matchedBySpelling(const Composition& parts, const StepRows& rows)
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
    if (parts.method.t2sTarget == config::T2sTarget::Gold) {
        compared.labelOnly = aligned.logical_not();
    } else {
        compared.weights = aligned.to(at::kDouble) * standingFor(count, rows.pairs.student.size(0));
    }
    return compared;
}

} // namespace

QueriesAndKeys queriesAndKeys(const Composition& parts, const StepRows& rows)
{
    return {parts.projectors.toQuery(tokenPairs(rows.student)), dividedByDeviation(tokenPairs(rows.teacher))};
}

CrossModelAttention softAlignment(const Composition& parts, const StepRows& rows)
{
    const SideRows& student = rows.student;
    const SideRows& teacher = rows.teacher;
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

ComparedRows inStudentSpace(const Composition& parts, const StepRows& rows)
{
    ComparedRows compared;
    if (config::pairsRows(parts.method)) {
        compared = pairsInStudentSpace(parts, rows);
    } else if (config::attends(parts.method)) {
        const at::Tensor tokens = parts.method.t2sTarget == config::T2sTarget::Gold
                                      ? rows.teacher.labels
                                      : teacherPredictions(parts, rows.teacher);
        const at::Tensor values = dividedByDeviation(rows.teacher.hidden.detach()) +
                                  dividedByDeviation(rows.teacher.embedding.detach().index_select(0, tokens));
        compared.student = rows.student.hidden;
        compared.target = softAlignment(parts, rows).toQueries(parts.projectors.toStudent(values));
        compared.labels = rows.student.labels;
        if (parts.ownAnswers) {
            checkPairs(rows);
            const at::Tensor said = inStudentVocabulary(parts, tokens, rows.student.head);
            compared.labels = at::full_like(rows.student.labels, -1);
            compared.labels.index_copy_(0, rows.pairs.student, said.index_select(0, rows.pairs.teacher));
        }
    } else {
        checkSameRows(rows);
        compared.student = rows.student.hidden;
        compared.target = parts.projectors.toStudent(rows.teacher.hidden.detach());
        compared.labels = parts.method.t2sTarget == config::T2sTarget::Gold
                              ? rows.student.labels
                              : teacherPredictions(parts, rows.teacher).clamp_max(rows.student.head.size(0) - 1);
    }
    compared.target = compared.target.to(rows.student.head.scalar_type());
    if (parts.method.agreementMask) {
        maskDisagreement(compared, parts, rows.student.head);
    }
    if (parts.ownAnswers && config::attends(parts.method)) {
        compared.labelWeights = compared.labels.ge(0).to(at::kFloat);
        compared.labels = compared.labels.clamp_min(0);
    }
    return compared;
}

ComparedRows inTeacherSpace(const Composition& parts, const StepRows& rows)
{
    ComparedRows compared;
    compared.target = rows.teacher.hidden.detach();
    compared.labels = rows.teacher.labels;
    if (config::pairsRows(parts.method)) {
        checkPairs(rows);
        compared.everyRow = false;
        compared.student = parts.projectors.toTeacher(rows.student.hidden.index_select(0, rows.pairs.student), rows);
        compared.target = compared.target.index_select(0, rows.pairs.teacher);
        compared.labels = compared.labels.index_select(0, rows.pairs.teacher);
        compared.scale = standingFor(rows.student.hidden.size(0), compared.student.size(0));
    } else if (config::attends(parts.method)) {
        compared.student = softAlignment(parts, rows).toKeys(parts.projectors.toTeacher(rows.student.hidden, rows));
    } else {
        checkSameRows(rows);
        compared.student = parts.projectors.toTeacher(rows.student.hidden, rows);
    }
    compared.student = compared.student.to(rows.teacher.head.scalar_type());
    return compared;
}

ComparedRows inDifferentSpaces(const Composition& parts, const StepRows& rows)
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
        compared.scale = standingFor(rows.student.hidden.size(0), compared.student.size(0));
    } else {
        checkSameRows(rows);
    }
    return compared;
}

} // namespace dskd::distill
