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
[[nodiscard]] inline bool recordsProbes(const Experiment& experiment)
{
    return experiment.log.probeEvery > 0 && (experiment.log.probeSamples > 0 || !experiment.log.probeLines.empty());
}
// The probes load a teacher of their own: the method has none while the student trains.
[[nodiscard]] inline bool needsProbeTeacher(const Experiment& experiment)
{
    return !learnsFromTeacher(experiment.method) && recordsProbes(experiment) && !experiment.log.probeTeacher.empty();
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
// What the alignment is made of (schema/alignment.h), where anything is aligned at all.
[[nodiscard]] inline bool attends(const MethodConfig& method)
{
    return distils(method) && rowOf(method.alignment).attends;
}
[[nodiscard]] inline bool attendsWithinChunks(const MethodConfig& method)
{
    return distils(method) && rowOf(method.alignment).withinChunks;
}
[[nodiscard]] inline bool hasQueries(const MethodConfig& method)
{
    return distils(method) && rowOf(method.alignment).hasQueries;
}
[[nodiscard]] inline bool pairsRows(const MethodConfig& method)
{
    return distils(method) && rowOf(method.alignment).pairsRows;
}
// Rows of different spaces, the teacher's tokens translated into the student's by their spelling.
[[nodiscard]] inline bool matchesSpellings(const MethodConfig& method)
{
    return distils(method) && rowOf(method.alignment).matchesSpellings;
}

// The prompt is a conversation that each model's chat template writes in its own way.
[[nodiscard]] inline bool usesChatTemplate(const DataConfig& data)
{
    return data.promptTemplate != Template::Alpaca && data.promptTemplate != Template::Plain &&
           data.promptTemplate != Template::Custom;
}

// Rows or tokens are taken for each other by their number, which needs one vocabulary. Paired by their number in
// different spaces, rows of two vocabularies can be compared where the distance sorts the probabilities.
[[nodiscard]] inline bool comparesById(const MethodConfig& method)
{
    const AlignmentRow& alignment = rowOf(method.alignment);
    return method.objective == Objective::PolicyGradient ||
           (distils(method) && alignment.byNumber && !(alignment.pairsByNumber() && rowOf(method.distance).sorted));
}

} // namespace dskd::config
