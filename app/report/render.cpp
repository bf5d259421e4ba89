#include "app/report/render.h"

#include "app/report/page_assets.h"
#include "core/base/version.h"
#include "core/metrics/metric_table.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

namespace dskd::report
{

namespace
{

using jobs::ComparisonCell;
using jobs::ComparisonRow;
using jobs::ComparisonTable;
using jobs::Mark;
using jobs::seedsText;
using jobs::summaryText;
using metrics::Better;
using metrics::betterOf;
using metrics::isCost;
using metrics::titleOf;
using text::html;

constexpr std::size_t kAnswersShown = 6;

std::string swatch(std::size_t group)
{
    return "<i class=\"swatch\" aria-hidden=\"true\" data-group=\"" + std::to_string(group) + "\"></i>";
}

std::string_view toneOf(jobs::Status status)
{
    switch (status) {
    case jobs::Status::Done: return "good";
    case jobs::Status::Stopped:
    case jobs::Status::Stalled: return "warn";
    case jobs::Status::Failed:
    case jobs::Status::Crashed:
    case jobs::Status::OutOfMemory: return "bad";
    default: return "plain";
    }
}

std::string chip(jobs::Status status)
{
    return "<span class=\"chip " + std::string(toneOf(status)) + "\">" + html(jobs::name(status)) + "</span>";
}

std::string leftOutNote(const ReportData& data)
{
    std::string note;
    for (const jobs::UnreadRun& run : data.leftOut) {
        note += "<p class=\"facts\">" + html(jobs::leftOutText(run)) + "</p>\n";
    }
    return note;
}

std::string header(const ReportData& data)
{
    return "<header><div><p class=\"eyebrow\">DSKD Workbench</p><h1>" + html(data.title) + "</h1></div>" +
           "<button id=\"theme\" type=\"button\" aria-label=\"Switch between light and "
           "dark\">Dark</button></header>\n" +
           "<p class=\"lead\">" + html(summarySentence(data)) + "</p>\n<p class=\"facts\">" +
           html(text::localTime(data.written)) + " &middot; " + html(data.workspace) + " &middot; dskd " + kVersion +
           "</p>\n" + leftOutNote(data);
}

// `usualCount`: the seeds of the row; a value over another number of seeds shows its own.
std::string valueCell(const std::string& metric, const ComparisonCell& cell, bool baseline, std::size_t usualCount)
{
    if (!cell.value) {
        return "<td class=\"number faint\">&ndash;</td>";
    }
    std::string exact = "as recorded " + text::exact(cell.value->mean);
    if (cell.value->count > 1) {
        exact += " ± " + text::exact(cell.value->deviation) + " over " + text::counted(cell.value->count, "seed");
    }
    std::string content = html(summaryText(metric, cell.value));
    if (static_cast<std::size_t>(cell.value->count) != usualCount) {
        content += " (n=" + std::to_string(cell.value->count) + ")";
    }
    if (cell.rank.mark == Mark::Best) {
        content = "<strong>" + content + "</strong>";
    } else if (cell.rank.mark == Mark::Tie) {
        content += " " + jobs::tieMark(false);
    }
    if (cell.rank.test) {
        exact += "; " + std::string(jobs::name(*cell.rank.test)) +
                 " against the best: p = " + text::number(cell.rank.test->p, 2) + ", " +
                 text::counted(cell.rank.test->pairs, "pair");
    }
    std::string delta;
    const Better better = betterOf(metric);
    if (baseline && better != Better::Unknown && !isCost(metric)) {
        delta = "baseline";
    } else if (cell.delta && better != Better::Unknown) {
        const bool improved = better == Better::Lower ? *cell.delta < 0 : *cell.delta > 0;
        const std::string_view tone = isCost(metric) || *cell.delta == 0 ? "" : improved ? "good" : "bad";
        delta = "<span class=\"" + std::string(tone) + "\">" + html(jobs::deltaText(metric, *cell.delta)) +
                (tone.empty() ? ""
                 : improved   ? " better"
                              : " worse") +
                "</span>";
    }
    return "<td class=\"number\" title=\"" + html(exact) + "\">" + content + "<small>" + delta + "</small></td>";
}

std::string comparisonSection(const ReportData& data)
{
    const ComparisonTable& table = data.table;
    std::string page = "<section><h2>Comparison</h2>\n<div class=\"card scroll\"><table>"
                       "<caption>Runs that differ in nothing but the seed, a row each</caption><thead><tr>"
                       "<th scope=\"col\">Runs</th><th scope=\"col\" class=\"number\">Seeds</th>";
    for (const std::string& metric : table.metrics) {
        page += "<th scope=\"col\" class=\"number\" title=\"" + html(metric) + "\">" +
                html(metrics::shownTitle(metric)) + "</th>";
    }
    page += "</tr></thead><tbody>\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const ComparisonRow& row = table.rows[r];
        page += "<tr><th scope=\"row\" class=\"label\">" + swatch(r) + html(row.label) + "</th><td class=\"number\">" +
                html(seedsText(row)) + "</td>";
        for (std::size_t m = 0; m < table.metrics.size(); ++m) {
            page += valueCell(table.metrics[m], row.cells[m], row.baseline, row.seedsCounted.size());
        }
        page += "</tr>\n";
    }
    return page +
           "</tbody></table></div>\n<p class=\"note\">Mean ± sample standard deviation over the seeds that are done; "
           "where none is, over all. " +
           html(jobs::markNote(table, "Bold", false)) +
           " Losses are compared only between equal students. Hover for full precision.</p></section>\n";
}

std::string differencesSection(const ReportData& data)
{
    const ComparisonTable& table = data.table;
    if (table.fields.empty() || table.rows.size() < 2) {
        return {};
    }
    std::string page = "<section><h2>What differs</h2>\n<div class=\"card scroll\"><table>"
                       "<caption>Fields in which the configurations differ</caption><thead><tr>"
                       "<th scope=\"col\">Field</th>";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        page += "<th scope=\"col\">" + swatch(r) + html(table.rows[r].label) + "</th>";
    }
    page += "</tr></thead><tbody>\n";
    for (std::size_t f = 0; f < table.fields.size(); ++f) {
        page += "<tr><th scope=\"row\"><code>" + html(table.fields[f]) + "</code></th>";
        for (const ComparisonRow& row : table.rows) {
            page += "<td class=\"value\">" + html(row.fields[f].empty() || row.fields[f] == "-" ? "–" : row.fields[f]) +
                    "</td>";
        }
        page += "</tr>\n";
    }
    return page + "</tbody></table></div></section>\n";
}

std::string curvesSection()
{
    return "<section id=\"curves\"><h2>Curves</h2>\n<div class=\"controls\"><span id=\"legend\"></span>"
           "<span class=\"spacer\"></span>"
           "<label>Smoothing <input id=\"smooth\" type=\"range\" min=\"0\" max=\"0.99\" step=\"0.01\" value=\"0.6\">"
           "<output id=\"smooth-value\">off</output></label>"
           "<label><input id=\"log\" type=\"checkbox\"> log axis</label>"
           "<label id=\"seeds-label\"><input id=\"seeds\" type=\"checkbox\"> single seeds</label></div>\n"
           "<div id=\"charts\"></div>\n<noscript><p class=\"note\">The curves need JavaScript; the tables do not."
           "</p></noscript></section>\n";
}

std::string heatMapSection(const ReportData& data)
{
    const bool any =
        std::any_of(data.runs.begin(), data.runs.end(), [](const ReportRun& run) { return !run.heatMaps.empty(); });
    const auto without = std::count_if(data.runs.begin(), data.runs.end(), [](const ReportRun& run) {
        return run.heatMaps.empty() && run.heatMapsThinned;
    });
    const std::string leftOut =
        without == 0 ? std::string()
                     : "<p class=\"note\">The attention maps of " + text::counted(without, "run") +
                           " are left out: with so many runs the page would become too large. A report of fewer runs "
                           "has them.</p>\n";
    if (!any) {
        return leftOut.empty() ? "" : "<section><h2>Cross-model attention</h2>\n" + leftOut + "</section>\n";
    }
    return "<section id=\"attention\"><h2>Cross-model attention</h2>\n<div class=\"card\"><div class=\"controls\">"
           "<label>Run <select id=\"map-run\"></select></label><label>Map <select id=\"map-name\"></select></label>"
           "<label>Sample <select id=\"map-sample\"></select></label>"
           "<label>Step <input id=\"map-step\" type=\"range\" min=\"0\" max=\"0\" value=\"0\"><output "
           "id=\"map-step-value\">"
           "</output></label></div>\n<div class=\"map\"><div class=\"scroll\"><canvas id=\"map-canvas\" role=\"img\" "
           "aria-label=\"Attention weights of one sample, rows by columns\"></canvas></div>"
           "<canvas id=\"map-bar\" aria-hidden=\"true\" width=\"70\" height=\"220\"></canvas></div>\n"
           "<p class=\"note\" id=\"map-note\"></p></div>\n" +
           leftOut + "</section>\n";
}

const store::AnswerRow* answerTo(const ReportRun& run, const std::string& prompt)
{
    const auto found = std::find_if(run.answers.begin(), run.answers.end(),
                                    [&](const store::AnswerRow& answer) { return answer.prompt == prompt; });
    return found == run.answers.end() ? nullptr : &*found;
}

std::string answerBox(const std::string& title, const std::string& text, const std::string& score)
{
    return "<div class=\"answer\"><h4>" + title + "<small>" + score + "</small></h4><p>" +
           (text.empty() ? "<em>(empty)</em>" : html(text)) + "</p></div>";
}

std::string answersSection(const ReportData& data)
{
    std::vector<const store::AnswerRow*> prompts; // the first answer to each prompt
    std::set<std::string_view> known;
    for (const ReportRun& run : data.runs) {
        for (const store::AnswerRow& answer : run.answers) {
            if (known.insert(answer.prompt).second && prompts.size() < kAnswersShown) {
                prompts.push_back(&answer);
            }
        }
    }
    if (prompts.empty()) {
        return {};
    }
    const std::size_t numPrompts = known.size();
    std::string page = "<section><h2>Answers</h2>\n<p class=\"note\">From the last validation, the first seed of each "
                       "configuration" +
                       (prompts.size() < numPrompts ? ", to " + std::to_string(prompts.size()) + " of " +
                                                          std::to_string(numPrompts) + " prompts"
                                                    : std::string()) +
                       ". Numbers are ROUGE-L against the reference.</p>\n";
    for (const store::AnswerRow* prompt : prompts) {
        page += "<details class=\"card\"" + std::string(prompt == prompts.front() ? " open" : "") +
                "><summary class=\"prompt\">" + html(prompt->prompt) + "</summary><div class=\"answers\">";
        if (!prompt->reference.empty()) {
            page += answerBox("Reference", prompt->reference, "");
        }
        for (std::size_t g = 0; g < data.groups.size(); ++g) {
            const ReportGroup& group = data.groups[g];
            const store::AnswerRow* answer =
                group.runs.empty() ? nullptr : answerTo(data.runs[group.runs.front()], prompt->prompt);
            if (answer != nullptr) {
                page += answerBox(swatch(g) + html(group.label), answer->answer,
                                  answer->reference.empty() ? "" : html(text::percent(answer->rougeL)));
            }
        }
        page += "</div></details>\n";
    }
    return page + "</section>\n";
}

std::string runsSection(const ReportData& data)
{
    std::string page = "<section><h2>Runs</h2>\n";
    for (const ReportRun& run : data.runs) {
        page += "<details class=\"card run\"><summary>" + swatch(run.group) + "<b>" + html(run.row.shownName()) +
                "</b> <span class=\"muted\">seed " + std::to_string(run.row.seed) + "</span>" +
                chip(run.status.status) + "<span class=\"muted right\">" +
                (run.seconds > 0 ? html(text::duration(run.seconds)) : std::string("&ndash;")) +
                "</span></summary>\n<p>" + html(run.status.sentence) + "</p>";
        if (run.status.failure) {
            page += "<p class=\"bad\">" + html(run.status.failure->what) + "</p><p>" + html(run.status.failure->hint) +
                    "</p>";
        }
        page += "<dl><dt>Run</dt><dd><code>" + html(run.row.id) + "</code></dd><dt>Created</dt><dd>" +
                html(text::localTime(run.row.created)) + "</dd>";
        for (const auto& [key, value] : run.info) {
            page += "<dt>" + html(key) + "</dt><dd>" + html(value) + "</dd>";
        }
        page += "</dl><pre>" + html(run.config) + "</pre></details>\n";
    }
    return page + "</section>\n";
}

// The first metric in which configurations are tested against each other, else the first in which they are ranked.
std::optional<std::size_t> firstRanked(const ComparisonTable& table)
{
    std::optional<std::size_t> ranked;
    for (std::size_t m = 0; m < table.metrics.size(); ++m) {
        for (const ComparisonRow& row : table.rows) {
            const Mark mark = row.cells[m].rank.mark;
            if (mark == Mark::Best || mark == Mark::Tie) {
                return m;
            }
            ranked = mark != Mark::None && !ranked ? m : ranked;
        }
    }
    return ranked;
}

// "validation loss" for "validation.loss.best"
std::string titleWithoutBest(std::string_view metric)
{
    metric.remove_suffix(metric.ends_with(".best") ? std::string_view(".best").size() : 0);
    return titleOf(metric);
}

// "dual has the best validation loss, 2.81 ± 0.01, 0.21 below sft."
std::string praise(const ComparisonTable& table, const ComparisonRow& row, std::size_t metric)
{
    const ComparisonCell& cell = row.cells[metric];
    const std::string& id = table.metrics[metric];
    const std::string sign = metrics::unitOf(id) == metrics::Unit::Share ? " %" : "";
    std::string sentence = row.label + (row.baseline ? ", the baseline, has the best " : " has the best ") +
                           titleWithoutBest(id) + ", " + summaryText(id, cell.value) + sign;
    if (cell.delta && *cell.delta != 0) {
        const std::string difference = text::number(std::abs(*cell.delta) * metrics::shownFactor(id), 3) +
                                       (sign.empty() ? "" : " percentage points");
        sentence += ", " + difference + (*cell.delta < 0 ? " below " : " above ") + table.rows[*cell.baseline].label;
    }
    return sentence + ".";
}

} // namespace

std::string summarySentence(const ReportData& data)
{
    std::map<std::string, std::size_t> byStatus;
    for (const ReportRun& run : data.runs) {
        ++byStatus[std::string(jobs::name(run.status.status))];
    }
    const auto counted = [](std::size_t number, std::string_view word) {
        return text::counted(static_cast<std::int64_t>(number), word);
    };
    std::string sentence = counted(data.groups.size(), "configuration") + " in " + counted(data.runs.size(), "run");
    for (const auto& [status, number] : byStatus) {
        sentence += ", " + (byStatus.size() == 1 ? "all" : std::to_string(number)) + " " + status;
    }
    sentence += ".";
    const std::optional<std::size_t> headline = firstRanked(data.table);
    if (!headline) {
        return sentence;
    }
    std::vector<const ComparisonRow*> winners; // at most one of each student
    std::string ties;
    for (const ComparisonRow& row : data.table.rows) {
        const Mark mark = row.cells[*headline].rank.mark;
        if (mark == Mark::Best) {
            winners.push_back(&row);
        } else if (mark == Mark::Tie) {
            ties += (ties.empty() ? "" : ", ") + row.label;
        }
    }
    if (winners.empty()) {
        const std::string metric = titleWithoutBest(data.table.metrics[*headline]);
        return sentence + (ties.empty() ? " No test shows which has the best " + metric + "."
                                        : " No test shows which of " + ties + " has the best " + metric + ".");
    }
    for (const ComparisonRow* winner : winners) {
        sentence += " " + (winners.size() > 1 ? "With the student " + winner->student + ", " : std::string()) +
                    praise(data.table, *winner, *headline);
    }
    return sentence;
}

std::string renderPage(const ReportData& data)
{
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" + std::string(kReportMark) +
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" + html(data.title) +
           "</title>\n<style>\n" + kPageStyle + "</style></head>\n<body><main>\n" + header(data) +
           comparisonSection(data) + curvesSection() + heatMapSection(data) + answersSection(data) +
           differencesSection(data) + runsSection(data) +
           "</main>\n<div id=\"tip\" role=\"status\"></div>\n<script type=\"application/json\" id=\"data\">" +
           pageData(data) + "</script>\n<script>\n" + kPageScript + "</script></body></html>\n";
}

} // namespace dskd::report
