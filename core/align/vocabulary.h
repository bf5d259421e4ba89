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
// "▁"; the eos, bos and pad tokens are partners whatever their spelling (method.md 6.2, the map of KDFlow).
struct VocabularyComparison {
    bool same = false; // sameVocabulary
    std::int64_t teacherSize = 0;
    std::int64_t studentSize = 0;
    std::int64_t overlap = 0;                           // teacher ids that have a partner
    std::vector<tokenizer::TokenId> studentFromTeacher; // one per teacher id; -1: no partner
};

[[nodiscard]] VocabularyComparison compareVocabularies(const tokenizer::Tokenizer& teacher,
                                                       const tokenizer::Tokenizer& student);

} // namespace dskd::align
