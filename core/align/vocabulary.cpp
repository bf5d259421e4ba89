#include "core/align/vocabulary.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dskd::align
{
namespace
{
using tokenizer::TokenId;
using tokenizer::Tokenizer;

// "Ġlike" and "▁like" become the same spelling.
std::string normalised(std::string_view piece)
{
    constexpr std::string_view kByteLevelSpace = "\xc4\xa0";         // Ġ
    constexpr std::string_view kSentencePieceSpace = "\xe2\x96\x81"; // ▁
    std::string text;
    for (std::size_t at = 0; at < piece.size();) {
        if (piece.substr(at).starts_with(kByteLevelSpace)) {
            text += kSentencePieceSpace;
            at += kByteLevelSpace.size();
        } else {
            text += piece[at++];
        }
    }
    return text;
}

void pairSpecial(std::optional<TokenId> teacher, std::optional<TokenId> student, std::vector<TokenId>& map)
{
    if (teacher && student && *teacher >= 0 && static_cast<std::size_t>(*teacher) < map.size()) {
        map[static_cast<std::size_t>(*teacher)] = *student;
    }
}
} // namespace

bool sameVocabulary(const Tokenizer& teacher, const Tokenizer& student)
{
    if (teacher.size() != student.size()) {
        return false;
    }
    for (TokenId id = 0; id < teacher.size(); ++id) {
        if (teacher.piece(id) != student.piece(id)) {
            return false;
        }
    }
    return true;
}

VocabularyComparison compareVocabularies(const Tokenizer& teacher, const Tokenizer& student)
{
    VocabularyComparison result;
    result.teacherSize = teacher.size();
    result.studentSize = student.size();
    result.same = sameVocabulary(teacher, student);

    std::unordered_map<std::string, TokenId> studentIds;
    for (TokenId id = 0; id < student.size(); ++id) {
        if (const std::string_view piece = student.piece(id); !piece.empty()) {
            studentIds.try_emplace(normalised(piece), id);
        }
    }
    result.studentFromTeacher.assign(static_cast<std::size_t>(teacher.size()), -1);
    for (TokenId id = 0; id < teacher.size(); ++id) {
        if (const std::string_view piece = teacher.piece(id); !piece.empty()) {
            const auto partner = studentIds.find(normalised(piece));
            result.studentFromTeacher[static_cast<std::size_t>(id)] =
                partner == studentIds.end() ? -1 : partner->second;
        }
    }
    // In this order, so that a tokenizer whose pad or bos is its eos keeps the eos pair.
    pairSpecial(teacher.special().pad, student.special().pad, result.studentFromTeacher);
    pairSpecial(teacher.special().bos, student.special().bos, result.studentFromTeacher);
    pairSpecial(teacher.special().eos, student.special().eos, result.studentFromTeacher);
    result.overlap = std::count_if(result.studentFromTeacher.begin(), result.studentFromTeacher.end(),
                                   [](TokenId id) { return id >= 0; });
    return result;
}

PublishedVocabularies publishedVocabularies(const Tokenizer& teacher, const Tokenizer& student)
{
    PublishedVocabularies result;
    std::unordered_map<std::string, TokenId> teacherIds; // of normalised spellings, the last where several become one
    for (TokenId id = 0; id < teacher.size(); ++id) {
        const std::string_view piece = teacher.piece(id);
        const std::optional<TokenId> partner = piece.empty() ? std::nullopt : student.idOf(piece);
        result.studentFromTeacher.push_back(partner ? *partner : student.special().unk.value_or(-1));
        if (!piece.empty()) {
            teacherIds[normalised(piece)] = id;
        }
    }
    pairSpecial(teacher.special().eos, student.special().eos, result.studentFromTeacher);
    for (TokenId id = 0; id < student.size(); ++id) {
        const auto partner = teacherIds.find(normalised(student.piece(id)));
        if (!student.piece(id).empty() && partner != teacherIds.end()) {
            result.commonStudent.push_back(id);
            result.commonTeacher.push_back(partner->second);
        }
    }
    return result;
}

} // namespace dskd::align
