#include "ui/experiment/preflight_panel.h"

#include "core/config/schema/experiment_json.h"
#include "core/jobs/time_estimate.h"
#include "core/store/workspace_db.h"
#include "ui/experiment/aligned_sample_dialog.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::ui
{

namespace
{

constexpr int kPauseMs = 300; // of the typing

struct Mark {
    const char* shape;
    const char* tone;
    QString word;
};

Mark markOf(preflight::Level level)
{
    switch (level) {
    case preflight::Level::Good: return {"✓", "good", QObject::tr("fits")};
    case preflight::Level::Note: return {"!", "warn", QObject::tr("note")};
    case preflight::Level::Problem: break;
    }
    return {"✕", "bad", QObject::tr("problem")};
}

// What the map of two vocabularies depends on.
std::string pairOf(const config::Experiment& experiment)
{
    std::string pair;
    for (const char* field : {"teacher.model", "teacher.tokenizer", "student.model", "student.tokenizer",
                              "data.template", "method.fidelity"}) {
        pair += config::fieldValue(experiment, field).dump() + '\n';
    }
    return pair;
}

// By the runs of the workspace; that none is known where there is no workspace.
std::string timeOf(const std::filesystem::path& folder, const config::Experiment& experiment, std::int64_t steps)
{
    std::vector<jobs::MeasuredRun> measured;
    if (!folder.empty()) {
        auto workspace = store::WorkspaceDb::open(folder);
        if (!workspace) {
            return "Not known: " + workspace.failure().text();
        }
        measured = jobs::measuredRuns(*workspace, {experiment});
    }
    return jobs::timeSentence(measured, experiment, steps);
}

} // namespace

PreflightPanel::PreflightPanel(QWidget* parent) : QWidget(parent), m_background("preflight"), m_matching("vocabularies")
{
    auto* title = new QLabel(tr("Preflight"), this);
    title->setFont(titleFont());
    m_state = new QLabel(this);
    m_state->setProperty("muted", true);
    auto* head = new QHBoxLayout;
    head->addWidget(title);
    head->addStretch();
    head->addWidget(m_state);
    auto* content = new QWidget;
    m_lines = new QVBoxLayout(content);
    m_lines->setContentsMargins(0, 0, kSpace2, 0);
    m_lines->setSpacing(kSpace3);
    m_lines->addStretch();
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(head);
    layout->addWidget(scroll, 1);
    m_soon.setSingleShot(true);
    m_soon.setInterval(kPauseMs);
    connect(&m_soon, &QTimer::timeout, this, &PreflightPanel::start);
}

PreflightPanel::~PreflightPanel()
{
    for (const auto& cancel : {m_cancel, m_unmatch}) {
        if (cancel) {
            *cancel = true;
        }
    }
}

void PreflightPanel::check(const config::Experiment& experiment, std::shared_ptr<const ExpandedPlan> plan)
{
    m_experiment = experiment;
    m_plan = std::move(plan);
    m_busy = true;
    m_state->setText(tr("checking …"));
    if (m_cancel) {
        *m_cancel = true;
    }
    m_soon.start();
}

void PreflightPanel::start()
{
    m_cancel = std::make_shared<std::atomic<bool>>(false);
    m_background.run(
        this,
        [experiment = m_experiment, plan = m_plan, workspace = m_workspace,
         cancel = m_cancel](const std::atomic<bool>&) -> Result<std::vector<preflight::Finding>> {
            std::vector<preflight::Finding> findings;
            preflight::Options options;
            options.onlyKeptMaps = true;
            options.time = [&](std::int64_t steps) { return timeOf(workspace, experiment, steps); };
            preflight::check(experiment, options, *cancel,
                             [&](preflight::Finding finding) { findings.push_back(std::move(finding)); });
            const bool fits = std::none_of(findings.begin(), findings.end(), [](const preflight::Finding& finding) {
                return finding.level == preflight::Level::Problem;
            });
            const bool compares = fits && !plan->plan().axes.empty() && !*cancel;
            if (compares && plan->runs()) { // what it refuses is shown beside Start
                if (auto refused = preflight::refusedCombination(*plan->runs(), *cancel)) {
                    findings.push_back(*std::move(refused));
                }
            }
            return findings;
        },
        [this, cancel = m_cancel](Result<std::vector<preflight::Finding>> findings) {
            if (*cancel) {
                return; // another check is on its way
            }
            // A check that broke off says nothing against the experiment: no problem.
            show(findings ? std::move(*findings)
                          : std::vector<preflight::Finding>{{"preflight",
                                                             preflight::Level::Note,
                                                             "Preflight broke off",
                                                             findings.failure().text(),
                                                             "",
                                                             {},
                                                             {}}});
        });
}

void PreflightPanel::show(std::vector<preflight::Finding> findings)
{
    m_busy = false;
    m_state->clear();
    m_findings = std::move(findings);
    while (m_lines->count() > 1) { // the last item is the stretch
        QLayoutItem* item = m_lines->takeAt(0);
        delete item->widget();
        delete item;
    }
    for (preflight::Finding& finding : m_findings) {
        if (finding.topic == preflight::kUnmatched && !m_unmatchable.empty() && pairOf(m_experiment) == m_pair) {
            finding.sentence = m_unmatchable;
        }
        addFinding(finding);
    }
    matchVocabularies();
    Q_EMIT finished();
}

void PreflightPanel::matchVocabularies()
{
    const bool missing = std::any_of(m_findings.begin(), m_findings.end(), [](const preflight::Finding& finding) {
        return finding.topic == preflight::kUnmatched;
    });
    std::string pair = missing ? pairOf(m_experiment) : std::string();
    if (pair == m_pair) {
        return; // in work; or tried, and could not be kept
    }
    m_unmatchable.clear();
    if (m_unmatch) {
        *m_unmatch = true;
    }
    m_pair = std::move(pair);
    if (!missing) {
        return;
    }
    m_unmatch = std::make_shared<std::atomic<bool>>(false);
    Q_EMIT matchingBegins();
    m_matching.run(
        this,
        [this, experiment = m_experiment, cancel = m_unmatch](const std::atomic<bool>&) {
            return preflight::matchVocabularies(experiment, *cancel, [this, cancel](double share) {
                // queued for a panel that outlives the thread which asks
                QMetaObject::invokeMethod(this, [this, cancel, share] {
                    if (!*cancel && !m_busy) {
                        m_state->setText(tr("matching the vocabularies, %1").arg(percent(share, 0)));
                    }
                });
            });
        },
        [this, cancel = m_unmatch](const Result<void>& matched) {
            if (!*cancel) {
                m_unmatchable = matched ? std::string() : matched.failure().text();
                check(m_experiment, m_plan);
            }
        });
}

void PreflightPanel::addFinding(const preflight::Finding& finding)
{
    const Mark mark = markOf(finding.level);
    auto* line = new QWidget(this);
    auto* shape = new QLabel(QString::fromUtf8(mark.shape), line);
    shape->setProperty("tone", mark.tone);
    shape->setFixedWidth(14);
    shape->setAccessibleName(mark.word);
    shape->setToolTip(mark.word);
    auto* headline = new QLabel(QString::fromStdString(finding.headline), line);
    QFont strong = headline->font();
    strong.setWeight(QFont::DemiBold);
    headline->setFont(strong);
    headline->setTextFormat(Qt::PlainText);
    auto* sentence = new QLabel(windowWords(finding.sentence), line);
    sentence->setWordWrap(true);
    sentence->setTextFormat(Qt::PlainText);
    sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(headline);
    texts->addWidget(sentence);
    if (!finding.remedies.empty()) {
        auto* buttons = new QHBoxLayout;
        for (const preflight::Remedy& remedy : finding.remedies) {
            auto* button = new QPushButton(QString::fromStdString(remedy.label), line);
            button->setObjectName("remedy");
            connect(button, &QPushButton::clicked, this, [this, remedy] { Q_EMIT remedyChosen(remedy); });
            buttons->addWidget(button);
        }
        buttons->addStretch();
        texts->addLayout(buttons);
    }
    addWorst(finding, *line, *texts);
    auto* layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(shape, 0, Qt::AlignTop);
    layout->addLayout(texts, 1);
    m_lines->insertWidget(m_lines->count() - 1, line);
}

void PreflightPanel::addWorst(const preflight::Finding& finding, QWidget& line, QVBoxLayout& into)
{
    if (finding.worst.empty() || finding.worst.front().student.empty()) {
        return; // there is no sample to show
    }
    auto* buttons = new QHBoxLayout;
    for (const preflight::AlignedSample& sample : finding.worst) {
        auto* button = new QToolButton(&line);
        button->setObjectName("worstSample");
        button->setText(tr("line %1").arg(sample.line));
        button->setToolTip(tr("Show how the tokens of this answer are aligned (%1)").arg(percent(sample.coverage())));
        button->setAccessibleName(button->toolTip());
        connect(button, &QToolButton::clicked, this, [this, sample] {
            auto* shown = new AlignedSampleDialog(sample, this);
            shown->setAttribute(Qt::WA_DeleteOnClose);
            shown->open();
            Q_EMIT sampleChosen(sample);
        });
        buttons->addWidget(button);
    }
    buttons->addStretch();
    into.addLayout(buttons);
}

QString PreflightPanel::firstProblem() const
{
    const auto found = std::find_if(m_findings.begin(), m_findings.end(), [](const preflight::Finding& finding) {
        return finding.level == preflight::Level::Problem;
    });
    return found == m_findings.end() ? QString() : QString::fromStdString(found->headline + ": " + found->sentence);
}

} // namespace dskd::ui
