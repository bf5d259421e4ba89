#include "tests/support/latex_grammar.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace dskd::test
{

void LatexGrammar::problem(const std::string& what)
{
    m_problems.push_back("byte " + std::to_string(m_at) + ": " + what);
}

std::string LatexGrammar::group()
{
    if (m_at >= m_text.size() || m_text[m_at] != '{') {
        problem("an argument is missing");
        return {};
    }
    const std::size_t end = m_text.find('}', m_at);
    const std::string inside(m_text.substr(m_at + 1, end - m_at - 1));
    m_at = end == std::string_view::npos ? m_text.size() : end + 1;
    return inside;
}

// What stands for a missing value stands once, and alone.
void LatexGrammar::endCell()
{
    const std::string_view cell = m_text.substr(m_cellBegin, m_at - m_cellBegin);
    const std::size_t dash = cell.find("--");
    if (dash != std::string_view::npos && cell.find("--", dash + 2) != std::string_view::npos) {
        problem("a cell has -- twice");
    }
    if (dash != std::string_view::npos && cell.find("\\pm", dash) != std::string_view::npos) {
        problem("a missing value has a spread");
    }
    m_cellBegin = m_at;
}

void LatexGrammar::endRow()
{
    endCell();
    if (m_cells != m_columns) {
        problem("a row has " + std::to_string(m_cells) + " cells, the tabular " + std::to_string(m_columns));
    }
    m_cells = 1;
    ++m_rows;
}

void LatexGrammar::word(const std::string& name)
{
    static const std::set<std::string> plain{"toprule",
                                             "midrule",
                                             "bottomrule",
                                             "textbf",
                                             "textbackslash",
                                             "textasciitilde",
                                             "par",
                                             "textless",
                                             "textbar",
                                             "textasciicircum",
                                             "textgreater",
                                             "footnotesize",
                                             "parbox",
                                             "linewidth",
                                             "smallskip",
                                             "noindent",
                                             "dag",
                                             "ddag",
                                             "ldots",
                                             "S",
                                             "AE",
                                             "ae",
                                             "O",
                                             "o",
                                             "ss",
                                             "c",
                                             "r",
                                             "i"};
    static const std::set<std::string> math{
        "pm",        "mu",         "cdot",  "times",  "div",        "Delta",  "Sigma", "Omega", "alpha",         "beta",
        "gamma",     "delta",      "theta", "eta",    "varepsilon", "lambda", "pi",    "rho",   "sigma",         "tau",
        "leftarrow", "rightarrow", "infty", "approx", "circ",       "neq",    "leq",   "geq",   "leftrightarrow"};
    if (name == "begin") {
        if (group() != "tabular" || m_columns > 0) {
            problem("an environment that is not the one tabular");
        }
        m_columns = static_cast<int>(group().size());
        m_cells = 1;
        m_cellBegin = m_at;
    } else if (name == "end") {
        if (group() != "tabular" || m_columns == 0 || m_cells != 1) {
            problem("the tabular ends within a row");
        }
        m_columns = -1;
    } else if (name == "multicolumn") {
        m_cells += std::stoi(group()) - 1;
        (void)group();
    } else if (name == "cmidrule") {
        if (m_text.substr(m_at, 4) != "(lr)") {
            problem("\\cmidrule without (lr)");
        }
        m_at += 4;
        (void)group();
    } else if (!(m_inMath ? math : plain).contains(name)) {
        problem("\\" + name + (m_inMath ? " in mathematics" : ""));
    }
}

void LatexGrammar::command()
{
    std::string name;
    while (m_at < m_text.size() && std::isalpha(static_cast<unsigned char>(m_text[m_at])) != 0) {
        name += m_text[m_at++];
    }
    if (!name.empty()) {
        word(name);
        return;
    }
    const char symbol = m_at < m_text.size() ? m_text[m_at++] : '\0';
    if (symbol == '\\') {
        endRow();
    } else if (std::string_view("#$%&_{}`'^\"~").find(symbol) == std::string_view::npos) {
        problem(std::string("\\") + symbol);
    }
}

void LatexGrammar::character(char c)
{
    const bool printable = c == '\n' || (c >= 0x20 && c < 0x7F);
    switch (c) {
    case '\\': command(); break;
    case '$': m_inMath = !m_inMath; break;
    case '{': ++m_depth; break;
    case '}': --m_depth; break;
    case '&':
        if (m_columns <= 0 || m_depth > 0 || m_inMath) {
            problem("& outside of a row");
        }
        endCell();
        ++m_cells;
        break;
    case '%':
        if (m_at > 1 && m_text[m_at - 2] != '\n') {
            problem("a comment within a line");
        }
        m_at = std::min(m_text.find('\n', m_at), m_text.size());
        break;
    case '#': problem("#"); break;
    case '_':
    case '^':
        if (!m_inMath) {
            problem("a raw _ or ^");
        }
        break;
    case '\n':
        if (m_inMath) {
            problem("mathematics does not end on its line");
        }
        break;
    default:
        if (!printable) {
            problem("a byte that is not printable ASCII");
        }
    }
    if (m_depth < 0) {
        problem("} without {");
        m_depth = 0;
    }
}

void LatexGrammar::read()
{
    while (m_at < m_text.size()) {
        character(m_text[m_at++]);
    }
    if (m_depth != 0 || m_inMath || m_columns != -1) {
        problem("it ends within a group, mathematics or the tabular");
    }
}

} // namespace dskd::test
