#include "core/score/porter_stemmer.h"

#include <array>
#include <span>
#include <utility>
#include <vector>

// Porter's terms: a word is [C](VC)^m[V], C and V runs of consonants and vowels; m is its measure. Conditions are on
// the stem, the part of the word before the suffix that a rule is about.

namespace dskd::score
{
namespace
{

// y is a consonant at the start of a word and after a vowel.
std::vector<bool> consonants(std::string_view word)
{
    std::vector<bool> flags(word.size());
    for (std::size_t i = 0; i < word.size(); ++i) {
        switch (word[i]) {
        case 'a':
        case 'e':
        case 'i':
        case 'o':
        case 'u': flags[i] = false; break;
        case 'y': flags[i] = i == 0 || !flags[i - 1]; break;
        default: flags[i] = true;
        }
    }
    return flags;
}

int measure(std::string_view stem)
{
    const std::vector<bool> consonant = consonants(stem);
    int m = 0;
    for (std::size_t i = 1; i < consonant.size(); ++i) {
        m += !consonant[i - 1] && consonant[i] ? 1 : 0;
    }
    return m;
}

bool containsVowel(std::string_view stem)
{
    for (const bool consonant : consonants(stem)) {
        if (!consonant) {
            return true;
        }
    }
    return false;
}

bool endsInConsonant(std::string_view word)
{
    return !word.empty() && consonants(word).back();
}

bool endsInDoubleConsonant(std::string_view word)
{
    return word.size() >= 2 && word.back() == word[word.size() - 2] && endsInConsonant(word);
}

// Porter's *o: consonant, vowel, consonant other than w, x, y. NLTK adds the two letters vowel, consonant.
bool endsInShortSyllable(std::string_view word)
{
    const std::vector<bool> consonant = consonants(word);
    const std::size_t n = word.size();
    if (n == 2) {
        return !consonant[0] && consonant[1];
    }
    const char last = n > 0 ? word[n - 1] : '\0';
    return n >= 3 && consonant[n - 3] && !consonant[n - 2] && consonant[n - 1] && last != 'w' && last != 'x' &&
           last != 'y';
}

std::string_view without(std::string_view word, std::string_view suffix)
{
    return word.substr(0, word.size() - suffix.size());
}

struct Rule {
    std::string_view suffix;
    std::string_view replacement;
};

// The first rule whose suffix fits decides: it is applied when the stem's measure is above `above`, and no later rule
// is tried.
std::string applyFirst(std::string word, std::span<const Rule> rules, int above)
{
    for (const Rule& rule : rules) {
        if (word.ends_with(rule.suffix)) {
            const std::string_view stem = without(word, rule.suffix);
            if (measure(stem) > above) {
                return std::string(stem) + std::string(rule.replacement);
            }
            return word;
        }
    }
    return word;
}

// Plurals.
std::string step1a(std::string word)
{
    if (word.ends_with("ies")) {
        return std::string(without(word, "ies")) + (word.size() == 4 ? "ie" : "i");
    }
    if (word.ends_with("sses")) {
        return std::string(without(word, "es"));
    }
    if (word.ends_with("s") && !word.ends_with("ss")) {
        word.pop_back();
    }
    return word;
}

// What remains of a word after -ed or -ing gets its ending back: conflat -> conflate, hopp -> hop, fil -> file.
std::string repaired(std::string stem)
{
    if (stem.ends_with("at") || stem.ends_with("bl") || stem.ends_with("iz")) {
        return stem + "e";
    }
    if (endsInDoubleConsonant(stem)) {
        if (stem.back() != 'l' && stem.back() != 's' && stem.back() != 'z') {
            stem.pop_back();
        }
        return stem;
    }
    return measure(stem) == 1 && endsInShortSyllable(stem) ? stem + "e" : stem;
}

// Past tenses and participles.
std::string step1b(const std::string& word)
{
    if (word.ends_with("ied")) {
        return std::string(without(word, "ied")) + (word.size() == 4 ? "ie" : "i");
    }
    if (word.ends_with("eed")) {
        return measure(without(word, "eed")) > 0 ? std::string(without(word, "d")) : word;
    }
    for (const std::string_view suffix : {std::string_view("ed"), std::string_view("ing")}) {
        if (word.ends_with(suffix) && containsVowel(without(word, suffix))) {
            return repaired(std::string(without(word, suffix)));
        }
    }
    return word;
}

std::string step1c(std::string word)
{
    const std::string_view stem = word.empty() ? std::string_view() : without(word, "y");
    if (word.ends_with("y") && stem.size() > 1 && endsInConsonant(stem)) {
        word.back() = 'i';
    }
    return word;
}

std::string step2(std::string word)
{
    constexpr std::array<Rule, 21> kRules = {{
        {"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
        {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"}, {"eli", "e"},     {"ousli", "ous"},
        {"ization", "ize"}, {"ation", "ate"},   {"ator", "ate"},  {"alism", "al"},  {"iveness", "ive"},
        {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"},  {"iviti", "ive"}, {"biliti", "ble"},
        {"fulli", "ful"},
    }};
    if (word.ends_with("alli") && measure(without(word, "alli")) > 0) {
        word.resize(word.size() - 2);
    }
    if (word.ends_with("logi")) { // the l counts as part of the stem here: geologi -> geolog
        return measure(without(word, "ogi")) > 0 ? std::string(without(word, "i")) : word;
    }
    return applyFirst(std::move(word), kRules, 0);
}

std::string step3(std::string word)
{
    constexpr std::array<Rule, 7> kRules = {{
        {"icate", "ic"},
        {"ative", ""},
        {"alize", "al"},
        {"iciti", "ic"},
        {"ical", "ic"},
        {"ful", ""},
        {"ness", ""},
    }};
    return applyFirst(std::move(word), kRules, 0);
}

std::string step4(std::string word)
{
    constexpr std::array<Rule, 18> kRules = {{
        {"al", ""},
        {"ance", ""},
        {"ence", ""},
        {"er", ""},
        {"ic", ""},
        {"able", ""},
        {"ible", ""},
        {"ant", ""},
        {"ement", ""},
        {"ment", ""},
        {"ent", ""},
        {"ou", ""},
        {"ism", ""},
        {"ate", ""},
        {"iti", ""},
        {"ous", ""},
        {"ive", ""},
        {"ize", ""},
    }};
    if (word.ends_with("ion")) {
        const std::string_view stem = without(word, "ion");
        const bool applies = measure(stem) > 1 && (stem.back() == 's' || stem.back() == 't');
        return applies ? std::string(stem) : word;
    }
    return applyFirst(std::move(word), kRules, 1);
}

// A last e, then a doubled last l.
std::string step5(std::string word)
{
    if (word.ends_with("e")) {
        const std::string_view stem = without(word, "e");
        const int m = measure(stem);
        if (m > 1 || (m == 1 && !endsInShortSyllable(stem))) {
            word.pop_back();
        }
    }
    if (word.ends_with("ll") && measure(without(word, "l")) > 1) {
        word.pop_back();
    }
    return word;
}

// Words that the rules get wrong, from NLTK's list.
std::string_view irregularStem(std::string_view word)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kIrregular = {{
        {"sky", "sky"},
        {"skies", "sky"},
        {"dying", "die"},
        {"lying", "lie"},
        {"tying", "tie"},
        {"news", "news"},
        {"innings", "inning"},
        {"inning", "inning"},
        {"outings", "outing"},
        {"outing", "outing"},
        {"cannings", "canning"},
        {"canning", "canning"},
        {"howe", "howe"},
        {"proceed", "proceed"},
        {"exceed", "exceed"},
        {"succeed", "succeed"},
    }};
    for (const auto& [form, stem] : kIrregular) {
        if (word == form) {
            return stem;
        }
    }
    return {};
}

} // namespace

std::string porterStem(std::string_view word)
{
    if (const std::string_view stem = irregularStem(word); !stem.empty()) {
        return std::string(stem);
    }
    if (word.size() <= 2) {
        return std::string(word);
    }
    return step5(step4(step3(step2(step1c(step1b(step1a(std::string(word))))))));
}

} // namespace dskd::score
