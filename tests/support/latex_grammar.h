#pragma once

// Whether pdflatex with booktabs compiles a table, judged by the little of LaTeX that our tables use: machines that
// test need no TeX.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::test
{

// Reads a text with one tabular in it, and collects what pdflatex would stumble over.
class LatexGrammar
{
public:
    explicit LatexGrammar(std::string_view text) : m_text(text) { read(); }
    [[nodiscard]] const std::vector<std::string>& problems() const { return m_problems; }
    [[nodiscard]] int rows() const { return m_rows; } // of the tabular, its heads among them

private:
    void problem(const std::string& what);
    [[nodiscard]] std::string group(); // "{…}" that follows, without braces
    void endCell();
    void endRow();
    void word(const std::string& name); // a command's name, which has been read
    void command();
    void character(char c);
    void read();

    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_cellBegin = 0;
    int m_columns = 0; // of the tabular; 0: not begun, -1: ended
    int m_cells = 1;
    int m_rows = 0;
    int m_depth = 0;
    bool m_inMath = false;
    std::vector<std::string> m_problems;
};

} // namespace dskd::test
