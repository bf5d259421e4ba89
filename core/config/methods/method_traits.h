#pragma once

// Which parts a method is composed of.

#include "core/config/schema/experiment.h"

namespace dskd::config
{

[[nodiscard]] inline bool distils(const MethodConfig& method)
{
    return method.objective == Objective::Kd;
}
// The teacher is there while the student trains.
[[nodiscard]] inline bool learnsFromTeacher(const MethodConfig& method)
{
    return method.objective != Objective::Sft;
}
// The teacher is there at some time: it answers the prompts first, or stays.
[[nodiscard]] inline bool needsTeacher(const Experiment& experiment)
{
    return learnsFromTeacher(experiment.method) || experiment.data.answers == AnswerSource::Teacher;
}
// What is learned from the answers of the data: the policy gradient distils from them besides.
[[nodiscard]] inline MethodConfig onDataAnswers(MethodConfig method)
{
    method.objective = method.objective == Objective::PolicyGradient ? Objective::Kd : method.objective;
    return method;
}
[[nodiscard]] inline bool comparesInStudentSpace(const MethodConfig& method)
{
    return distils(method) && (method.space == Space::Student || method.space == Space::Dual);
}
[[nodiscard]] inline bool comparesInTeacherSpace(const MethodConfig& method)
{
    return distils(method) && (method.space == Space::Teacher || method.space == Space::Dual);
}
[[nodiscard]] inline bool comparesInDifferentSpaces(const MethodConfig& method)
{
    return distils(method) && method.space == Space::Different;
}
// Soft alignment: every row of one side is a mixture of rows of the other.
[[nodiscard]] inline bool attends(const MethodConfig& method)
{
    return distils(method) && (method.alignment == Alignment::Cma || method.alignment == Alignment::Cla ||
                               method.alignment == Alignment::Clp);
}
[[nodiscard]] inline bool attendsWithinChunks(const MethodConfig& method)
{
    return attends(method) && method.alignment != Alignment::Cma;
}
[[nodiscard]] inline bool hasQueries(const MethodConfig& method)
{
    return attends(method) && method.alignment != Alignment::Clp;
}
// Hard alignment: some rows of both sides stand for the same text.
[[nodiscard]] inline bool pairsRows(const MethodConfig& method)
{
    return distils(method) && (method.alignment == Alignment::Eta || method.alignment == Alignment::EtaPublished ||
                               method.alignment == Alignment::Position);
}
// Rows of different spaces, the teacher's tokens translated into the student's by their spelling.
[[nodiscard]] inline bool matchesSpellings(const MethodConfig& method)
{
    return distils(method) && method.alignment == Alignment::MinEd;
}

// What method.fidelity changes in the losses (method.md sections 4, 6 and 15; fidelityDifferences() in words).
//
// Deviations are those of the padded batch with prompts and padding, where the paper's are those of the response rows.
[[nodiscard]] inline bool seesPaddedBatch(const MethodConfig& method)
{
    return attends(method) && method.fidelity != Fidelity::Paper;
}
// Chunks go on through prompts and padding, and rows without a partner attend to them.
[[nodiscard]] inline bool chunksPaddedBatch(const MethodConfig& method)
{
    return attendsWithinChunks(method) && method.fidelity == Fidelity::ReferenceV1;
}
[[nodiscard]] inline bool attendsToPadding(const MethodConfig& method)
{
    return chunksPaddedBatch(method) && method.alignment == Alignment::Cla;
}
[[nodiscard]] inline bool usesTeacherTemperature(const MethodConfig& method)
{
    return method.fidelity == Fidelity::Paper || (method.fidelity == Fidelity::ReferenceV1 && attends(method));
}
[[nodiscard]] inline Distance teacherSpaceDistance(const MethodConfig& method)
{
    return method.fidelity == Fidelity::ReferenceV2 ? method.distance : method.teacherDistance;
}
// Terms over some of the rows are means over those rows of each micro-batch, whatever its share of the tokens.
[[nodiscard]] inline bool meansOfMicroBatches(const MethodConfig& method)
{
    return method.fidelity == Fidelity::ReferenceV2;
}

// The prompt is a conversation that each model's chat template writes in its own way.
[[nodiscard]] inline bool speaksInTurns(const DataConfig& data)
{
    return data.promptTemplate != Template::Alpaca && data.promptTemplate != Template::Plain &&
           data.promptTemplate != Template::Custom;
}

// Rows or tokens are taken for each other by their number, which needs one vocabulary.
[[nodiscard]] inline bool comparesById(const MethodConfig& method)
{
    return method.objective == Objective::PolicyGradient ||
           (distils(method) && (method.alignment == Alignment::None ||
                                (method.alignment == Alignment::Position && method.distance != Distance::Uld)));
}

} // namespace dskd::config
