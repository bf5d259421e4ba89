#pragma once

// The distillation methods by name, each a composition of configuration fields, and what every choice of those fields
// means. One table for `dskd methods`, the dialog and the documentation.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace dskd::config
{

enum class Vocabularies { Any, Same };
// How a list of methods is divided.
enum class MethodKind { DualSpace, AcrossTokenizers, OwnAnswers, Baseline };
[[nodiscard]] std::string_view title(MethodKind kind); // "DSKD across tokenizers"

using FieldValue = std::pair<std::string_view, std::string_view>; // full path and value as in setField

struct NamedMethod {
    std::string_view id; // "dskd-v2": workspace.db holds it, so never rename one
    MethodKind kind;
    std::string_view title;             // as a person picks it
    std::string_view sentence;          // what it does
    std::string_view source;            // paper equation or reference
    Vocabularies vocabularies;          // whether teacher and student must share one
    std::span<const FieldValue> fields; // those that differ from `baseFields`
    // Rates and temperatures of the method's paper: chosen with it, free to change afterwards, and no part of its name.
    std::span<const FieldValue> settings = {};
    // By what it compares two tokenizations, in a few words, where one tokenizer was expected and it is offered
    // instead. Empty: it needs one tokenizer, distils nothing, or is a variant of a method that is offered.
    std::string_view acrossTokenizers = {};
};

[[nodiscard]] std::span<const NamedMethod> namedMethods();
// The fields that make a method what it is, at the values of DSKD in both spaces. Others are the experiment's own.
[[nodiscard]] std::span<const FieldValue> baseFields();

// The method of that id; a failure lists those there are.
[[nodiscard]] Result<const NamedMethod*> findMethod(std::string_view id);
inline constexpr std::string_view kMethodByName = "method"; // setField(e, "method", "dskd-v2") sets a whole method

// Sets every base field to the value of the method, and the settings of its paper. Settings that the method before has
// brought and nobody has changed go back to their defaults.
void applyMethod(Experiment& experiment, const NamedMethod& method);
// The index of the method that these settings are; none for a composition without a name.
[[nodiscard]] std::optional<std::size_t> methodOf(const Experiment& experiment);

// What an experiment's method is called in tables; workspace.db keeps both for every run.
struct MethodName {
    std::string id;    // of the named method; empty for a composition without a name, and for a job that trains nothing
    std::string label; // the id, with the distance where it is not the method's own ("dskd rkl"); else `labelOf`
};
[[nodiscard]] MethodName methodNameOf(const Experiment& experiment);
// The id, else `labelOf`, without any distance: for tables that have the distance in a place of its own. A method stays
// what it is there under a distance that is not its paper's ("gkd" with kl).
[[nodiscard]] std::string labelWithoutDistance(const Experiment& experiment);

// The choices that tell compositions without a name apart, by the names that config.json and workspace.db hold.
struct NamedParts {
    std::string_view job;
    std::string_view objective;
    std::string_view space;
    std::string_view distance; // empty: it is left out
    std::string_view alignment;
    std::string_view matching = {}; // empty: none, or not known
};
// What it is composed of: "dual kl eta", "dual kl cma sinkhorn", "policy-gradient"; "evaluate" for a job that trains
// nothing.
[[nodiscard]] std::string labelOf(const NamedParts& parts);

struct ChoiceMeaning {
    std::string_view field; // full path
    std::string_view value;
    std::string_view sentence;
};
// A sentence for every choice of the fields that compose a method, in the order of the fields.
[[nodiscard]] std::span<const ChoiceMeaning> choiceMeanings();

} // namespace dskd::config
