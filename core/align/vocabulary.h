#pragma once

#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <vector>

namespace dskd::align
{

// True when every id stands for the same piece in both. Which ids are special may differ: a chat model ends its turns
// by another token of the same vocabulary, and its rows still compare one to one.
[[nodiscard]] bool sameVocabulary(const tokenizer::Tokenizer& teacher, const tokenizer::Tokenizer& student);

// How the vocabularies of a teacher and a student relate. Tokens are compared by spelling after every "Ġ" has become
// "▁"; the eos, bos and pad tokens are partners whatever their spelling (core/distill/METHOD.md 6.2, the map of
// KDFlow).
struct VocabularyComparison {
    bool same = false; // sameVocabulary
    std::int64_t teacherSize = 0;
    std::int64_t studentSize = 0;
    std::int64_t overlap = 0;                           // teacher ids that have a partner
    std::vector<tokenizer::TokenId> studentFromTeacher; // one per teacher id; -1: no partner
};

[[nodiscard]] VocabularyComparison compareVocabularies(const tokenizer::Tokenizer& teacher,
                                                       const tokenizer::Tokenizer& student);

// The same as the published code of DSKD v2 has it (core/distill/METHOD.md 5.2 and 6.2).
struct PublishedVocabularies {
    // One per teacher id: the student's token of the very same spelling, its unknown token where there is none and it
    // has one, else -1. The eos tokens are partners.
    std::vector<tokenizer::TokenId> studentFromTeacher;
    // Tokens of one spelling after every "Ġ" has become "▁", by the student's ids; eos is none of them by itself.
    std::vector<tokenizer::TokenId> commonStudent;
    std::vector<tokenizer::TokenId> commonTeacher;
};

[[nodiscard]] PublishedVocabularies publishedVocabularies(const tokenizer::Tokenizer& teacher,
                                                          const tokenizer::Tokenizer& student);

} // namespace dskd::align
