#include "ui/pages/page_table.h"

#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/curves/curves_page.h"
#include "ui/pages/matrix/matrix_page.h"
#include "ui/pages/pairs/pairs_page.h"
#include "ui/pages/samples/samples_page.h"
#include "ui/pages/spaces/spaces_page.h"
#include "ui/pages/table/table_page.h"

namespace dskd::ui
{
namespace
{

constexpr PageRow kPages[] = {
    {"curves", "Curves", "curves",
     [](const PageServices& s) -> Page* { return new CurvesPage(s.workspace, s.series); }},
    {"table", "Runs", "table", [](const PageServices& s) -> Page* { return new TablePage(s.workspace, s.background); }},
    {"compare", "Compare", "compare",
     [](const PageServices& s) -> Page* { return new ComparePage(s.workspace, s.series, s.background); }},
    {"matrix", "Matrix", "matrix",
     [](const PageServices& s) -> Page* { return new MatrixPage(s.workspace, s.background); }},
    {"alignment", "Alignment", "heatmap",
     [](const PageServices& s) -> Page* { return new AlignmentPage(s.workspace, s.background); }},
    {"spaces", "Spaces", "spaces",
     [](const PageServices& s) -> Page* { return new SpacesPage(s.workspace, s.background); }},
    {"samples", "Samples", "samples",
     [](const PageServices& s) -> Page* { return new SamplesPage(s.workspace, s.background); }},
    {"pairs", "Pairs", "compare", [](const PageServices& s) -> Page* { return new PairsPage(s.workspace); }},
};

} // namespace

std::span<const PageRow> pageTable()
{
    return kPages;
}

} // namespace dskd::ui
