#pragma once

// How the rows of two tokenizations meet: one row an alignment. A row gives what the parts of a method are made of; how
// the rows of a sample are paired or cut into chunks is in core/train/data/row_alignment.cpp, how the losses compare
// them in core/distill/compared_rows.cpp.

#include <stdexcept>
#include <string_view>

namespace dskd::config
{

// Stored in configurations by name, never by number.
enum class Alignment { None, Cma, Eta, EtaPublished, Cla, Clp, Position, MinEd };

enum class SpacesOf { Any, Common, Different }; // where an alignment can compare distributions

struct AlignmentRow {
    Alignment value;
    std::string_view name; // never rename one: configurations hold it
    std::string_view sentence;
    // How it copes with two vocabularies, after "Different vocabularies: …" in the preflight.
    std::string_view acrossVocabularies = {};
    // What is compared, for the sentence that refuses the other spaces: "tokens matched by their spelling".
    std::string_view compares = {};
    SpacesOf spaces = SpacesOf::Any;
    bool attends = false;          // soft: every row of one side is a mixture of rows of the other
    bool withinChunks = false;     // attends, but only to the rows of the same chunk of text
    bool hasQueries = false;       // attends by queries and keys that learn
    bool pairsRows = false;        // hard: some rows of both sides stand for each other
    bool matchesSpellings = false; // tokens of both vocabularies stand for each other by their spelling
    bool byNumber = false;         // rows of the same number stand for each other, whatever text they hold
    bool inReferenceV1 = true;     // the first published code has it
    bool inReferenceV2 = true;     // the second has it

    // Pairs tokens that stand for the same text, or those at the same place of the answer.
    [[nodiscard]] constexpr bool pairsText() const { return pairsRows && !byNumber; }
    [[nodiscard]] constexpr bool pairsByNumber() const { return pairsRows && byNumber; }
    // Reads the text of the answer, where others look at rows only.
    [[nodiscard]] constexpr bool alignsAnswers() const { return pairsRows || withinChunks || matchesSpellings; }
};

inline constexpr AlignmentRow kAlignments[] = {
    {.value = Alignment::None, .name = "none", .sentence = "Row by row: one tokenizer.", .byNumber = true},
    {.value = Alignment::Cma,
     .name = "cma",
     .sentence = "Attention between the tokens of both tokenizations, learned from their embeddings.",
     .acrossVocabularies = "Cross-model attention (CMA) aligns them.",
     .spaces = SpacesOf::Common,
     .attends = true,
     .hasQueries = true},
    {.value = Alignment::Eta,
     .name = "eta",
     .sentence = "Tokens that stand for the same bytes of text.",
     .acrossVocabularies = "Tokens that stand for the same text (ETA) are compared.",
     .pairsRows = true,
     .inReferenceV1 = false,
     .inReferenceV2 = false},
    {.value = Alignment::EtaPublished,
     .name = "eta-published",
     .sentence = "As the reference code compares spellings; loses its place at the first token that both spell "
                 "differently.",
     .acrossVocabularies = "Tokens that stand for the same text (ETA) are compared.",
     .pairsRows = true,
     .inReferenceV1 = false},
    {.value = Alignment::Cla,
     .name = "cla",
     .sentence = "Attention within chunks of equal text.",
     .acrossVocabularies = "Attention within chunks of equal text (CLA) aligns them.",
     .spaces = SpacesOf::Common,
     .attends = true,
     .withinChunks = true,
     .hasQueries = true,
     .inReferenceV2 = false},
    {.value = Alignment::Clp,
     .name = "clp",
     .sentence = "Uniform weights within chunks of equal text.",
     .acrossVocabularies = "Chunks of equal text (CLP) align them.",
     .spaces = SpacesOf::Common,
     .attends = true,
     .withinChunks = true,
     .inReferenceV2 = false},
    {.value = Alignment::Position,
     .name = "position",
     .sentence = "First token with first token: only for sorted probabilities (uld).",
     .acrossVocabularies = "Sorted probabilities (ULD) are compared, place by place.",
     .compares = "tokens paired by their place in the answer",
     .spaces = SpacesOf::Different,
     .pairsRows = true,
     .byNumber = true},
    {.value = Alignment::MinEd,
     .name = "mined",
     .sentence = "Tokens whose spellings differ by the fewest edits.",
     .acrossVocabularies = "Tokens are matched by the fewest edits between their spellings (MinED).",
     .compares = "tokens matched by their spelling",
     .spaces = SpacesOf::Different,
     .matchesSpellings = true},
};

[[nodiscard]] constexpr const AlignmentRow& rowOf(Alignment alignment)
{
    for (const AlignmentRow& row : kAlignments) {
        if (row.value == alignment) {
            return row;
        }
    }
    throw std::logic_error("an alignment without a row");
}

} // namespace dskd::config
