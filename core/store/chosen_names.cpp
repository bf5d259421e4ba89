#include "core/store/chosen_names.h"

#include "core/base/utf8.h"
#include "core/text/escape.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace dskd::store
{
namespace
{

constexpr std::string_view kGroup = "group:";             // before the group, where a run is named
constexpr std::string_view kLast = "last";                // the newest run
constexpr std::string_view kIdBegin = "dddddddd-dddddd-"; // of a run's id: day and time, d for a digit

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isBlank(const std::string& text)
{
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

// Line ends, and U+0085, U+2028 and U+2029, at which lines of a window break too.
bool breaksLines(char32_t code)
{
    return (code >= 0x0A && code <= 0x0D) || code == 0x85 || code == 0x2028 || code == 0x2029;
}

// Line breaks and tabs as blanks, each run of them as one.
std::string onOneLine(const std::string& text)
{
    std::string line;
    bool inBreak = false;
    for (std::size_t i = 0; i < text.size();) {
        const Utf8Step step = utf8Step(text, i);
        const bool breaks = step.valid && (breaksLines(step.codePoint) || step.codePoint == U'\t');
        if (!breaks) {
            line.append(text, i, step.length);
        } else if (!inBreak) {
            line += ' ';
        }
        inBreak = breaks;
        i += step.length;
    }
    return line;
}

// Without what a terminal obeys and bytes that are no text: nobody can type these.
std::string typeable(const std::string& line)
{
    std::string kept;
    for (std::size_t i = 0; i < line.size();) {
        const std::string one = line.substr(i, utf8Step(line, i).length);
        if (text::terminalLine(one) == one) {
            kept += one;
        }
        i += one.size();
    }
    return kept;
}

bool hasOuterBlanks(const std::string& name)
{
    return name.starts_with(' ') || name.ends_with(' ');
}

// REQUIRES: not blank.
std::string trimmed(const std::string& name)
{
    const std::size_t begin = name.find_first_not_of(' ');
    return name.substr(begin, name.find_last_not_of(' ') + 1 - begin);
}

// Whether `name` begins with `word` in whatever case. REQUIRES: `word` in lower case.
bool beginsWithWord(const std::string& name, std::string_view word)
{
    return name.size() >= word.size() && std::equal(word.begin(), word.end(), name.begin(), [](char wanted, char c) {
               return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
           });
}

bool beginsLikeARunId(const std::string& name)
{
    return name.size() >= kIdBegin.size() &&
           std::equal(kIdBegin.begin(), kIdBegin.end(), name.begin(),
                      [](char wanted, char c) { return wanted == 'd' ? isDigit(c) : wanted == c; });
}

// "dual@2", "@2"
bool endsLikeARevision(const std::string& name)
{
    const std::size_t digits = name.find_last_not_of("0123456789");
    return digits != std::string::npos && name[digits] == '@' && digits + 1 < name.size();
}

bool isLong(const std::string& name)
{
    return numCodePoints(name) > kLongestName;
}

// The first kLongestName characters. REQUIRES: valid UTF-8.
std::string cut(const std::string& name)
{
    std::size_t end = 0;
    for (std::size_t count = 0; count < kLongestName && end < name.size(); ++count) {
        end += codePointLength(name[end]);
    }
    return name.substr(0, end);
}

std::string subject(Named what)
{
    switch (what) {
    case Named::Run: return "A run";
    case Named::Group: return "A group";
    case Named::Experiment: break;
    }
    return "An experiment";
}

} // namespace

std::string whyUnusableName(const std::string& name, Named what)
{
    if (isBlank(name)) {
        return subject(what) + " needs a name.";
    }
    const std::string plain = text::terminalLine(onOneLine(name));
    const std::string begin = "The name \"" + plain + "\" ";
    if (plain != name) {
        return begin + "holds a line break, another control character or bytes that are no text.";
    }
    if (hasOuterBlanks(name)) {
        return begin + "begins or ends with a blank.";
    }
    if (isLong(name)) {
        return begin + "has " + std::to_string(numCodePoints(name)) + " characters; " + std::to_string(kLongestName) +
               " are the most.";
    }
    if (name.front() == '#') {
        return begin + "begins with #, as the numbers of experiments do.";
    }
    if (endsLikeARevision(name)) {
        return begin + "ends like a revision: \"dual@2\" is revision 2 of dual.";
    }
    if (name.find('@') != std::string::npos) {
        return begin + "holds an @, which stands before the number of a revision.";
    }
    if (beginsWithWord(name, kGroup)) {
        return begin + "begins with \"" + std::string(kGroup) + "\", as groups of runs are named.";
    }
    if (beginsLikeARunId(name)) {
        return begin + "begins with a day and a time, as the ids of runs do.";
    }
    return name.size() == kLast.size() && beginsWithWord(name, kLast) ? begin + "stands for the newest run." : "";
}

std::string usableName(const std::string& wanted)
{
    if (isBlank(wanted)) {
        return {};
    }
    std::string name = typeable(onOneLine(wanted));
    std::replace(name.begin(), name.end(), '@', '-');
    while (!whyUnusableName(name).empty()) {
        if (isBlank(name)) { // nothing but what was taken off
            return "experiment";
        }
        if (hasOuterBlanks(name)) {
            name = trimmed(name);
        } else if (isLong(name)) {
            name = cut(name);
        } else if (name.front() == '#') {
            name.erase(0, 1);
        } else if (beginsWithWord(name, kGroup)) {
            name.erase(0, kGroup.size());
        } else if (beginsLikeARunId(name)) {
            name.erase(0, kIdBegin.size());
        } else {
            name += " experiment";
        }
    }
    return name;
}

std::optional<std::int64_t> numberOf(std::string_view text)
{
    if (text.size() < 2 || text.front() != '#' || !isDigit(text[1])) { // not "#-2" either
        return std::nullopt;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

Result<void> checkName(const std::string& name, Named what)
{
    const std::string why = name.empty() && what != Named::Experiment ? "" : whyUnusableName(name, what);
    if (why.empty()) {
        return {};
    }
    const std::string other = usableName(name);
    return Failure{why, other.empty() ? "" : "Choose another name, for example \"" + other + "\".", FailureKind::Usage};
}

} // namespace dskd::store
