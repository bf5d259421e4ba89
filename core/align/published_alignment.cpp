#include "core/align/exact_alignment.h"
#include "core/base/utf8.h"

namespace dskd::align
{
namespace
{

std::string withoutSpaceMarks(std::string_view token)
{
    std::string text;
    for (std::size_t at = 0; at < token.size();) {
        const std::string_view rest = token.substr(at);
        if (rest.starts_with("\xe2\x96\x81")) { // ▁
            at += 3;
        } else if (rest.starts_with("\xc4\xa0")) { // Ġ
            at += 2;
        } else {
            text += token[at++];
        }
    }
    return text;
}

std::vector<std::string> withoutSpaceMarks(std::span<const std::string> tokens)
{
    std::vector<std::string> cleaned;
    cleaned.reserve(tokens.size());
    for (const std::string& token : tokens) {
        cleaned.push_back(withoutSpaceMarks(token));
    }
    return cleaned;
}

// One side's tokens so far, concatenated, with its length in characters as the reference code counts it.
struct History {
    std::string text;
    std::size_t characters = 0;

    void append(const std::string& token)
    {
        text += token;
        characters += numCodePoints(token);
    }
};

// Compares two growing histories without reading any byte twice.
class HistoryComparison
{
public:
    bool equal(const std::string& a, const std::string& b)
    {
        while (!m_differ && m_checked < a.size() && m_checked < b.size()) {
            m_differ = a[m_checked] != b[m_checked];
            ++m_checked;
        }
        return !m_differ && a.size() == b.size();
    }

private:
    std::size_t m_checked = 0;
    bool m_differ = false; // for good: histories only grow
};

} // namespace

std::vector<TokenPair> alignPublished(std::span<const std::string> teacher, std::span<const std::string> student,
                                      std::string_view teacherEos, std::string_view studentEos)
{
    const std::vector<std::string> teacherTokens = withoutSpaceMarks(teacher);
    const std::vector<std::string> studentTokens = withoutSpaceMarks(student);
    const bool hasEos = !teacherEos.empty() && !studentEos.empty();
    std::vector<TokenPair> pairs;
    History teacherHistory;
    History studentHistory;
    HistoryComparison histories;
    for (std::size_t i = 0, j = 0; i < teacherTokens.size() && j < studentTokens.size();) {
        const bool bothEos = hasEos && teacherTokens[i] == teacherEos && studentTokens[j] == studentEos;
        if ((teacherTokens[i] == studentTokens[j] || bothEos) &&
            histories.equal(teacherHistory.text, studentHistory.text)) {
            pairs.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(j)});
            teacherHistory.append(teacherTokens[i++]);
            studentHistory.append(studentTokens[j++]);
        } else if (teacherHistory.characters > studentHistory.characters) {
            studentHistory.append(studentTokens[j++]);
        } else if (teacherHistory.characters < studentHistory.characters) {
            teacherHistory.append(teacherTokens[i++]);
        } else {
            teacherHistory.append(teacherTokens[i++]);
            studentHistory.append(studentTokens[j++]);
        }
    }
    return pairs;
}

} // namespace dskd::align
