#include "ui/pages/samples/samples_page.h"

#include "core/jobs/asked_models.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/samples/answer_card.h"
#include "ui/pages/samples/answer_grid.h"
#include "ui/pages/samples/free_prompt.h"
#include "ui/pages/samples/marked_text.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/step_slider.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QEvent>
#include <QGridLayout>
#include <QJsonObject>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTabWidget>
#include <algorithm>
#include <set>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 2000; // validations are seldom
constexpr int kPromptLines = 7;

std::string trimmed(const std::string& text)
{
    return QString::fromStdString(text).trimmed().toStdString();
}

QString scoreOf(const store::AnswerRow& answer)
{
    return SamplesPage::tr("ROUGE-L %1").arg(percent(answer.rougeL));
}

} // namespace

SamplesPage::SamplesPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_answers(workspace, background, this, kPollMs, readAnswers,
                                                      [this](bool changed) { changed ? fillSteps() : showEmpty(); }),
      m_tabs(new QTabWidget(this)), m_stack(new PageStack(m_tabs)), m_free(new FreePrompt(workspace, m_tabs)),
      m_prompt(new QPlainTextEdit), m_reference(new QLabel), m_legend(new QLabel), m_grid(new AnswerGrid)
{
    setObjectName(QStringLiteral("samplesPage"));
    m_tabs->setObjectName(QStringLiteral("samplesTabs"));
    m_stack->setContent(makeContent());
    m_tabs->addTab(m_stack, tr("Validation samples"));
    m_tabs->addTab(m_free, tr("Free prompt"));
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_tabs);
    connect(m_grid, &AnswerGrid::chosen, this, [this](const AnswerCard* card) {
        m_chosen = card->name();
        showReference();
    });
    showEmpty();
}

QWidget* SamplesPage::makeContent()
{
    m_prompt->setObjectName(QStringLiteral("prompt"));
    m_prompt->setReadOnly(true);
    m_prompt->setTabChangesFocus(true);
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setFixedHeight(kPromptLines * m_prompt->fontMetrics().lineSpacing() + 2 * kSpace2);
    m_reference->setObjectName(QStringLiteral("reference"));
    m_reference->setWordWrap(true);
    m_reference->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_legend->setObjectName(QStringLiteral("differenceLegend"));
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setWordWrap(true);

    auto* content = new QWidget(m_stack);
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    makeToolBar(*all);
    auto* texts = new QGridLayout;
    texts->setHorizontalSpacing(kSpace3);
    texts->addWidget(new MutedLabel(tr("Prompt")), 0, 0, Qt::AlignTop);
    texts->addWidget(m_prompt, 0, 1);
    texts->addWidget(new MutedLabel(tr("Reference")), 1, 0, Qt::AlignTop);
    texts->addWidget(m_reference, 1, 1);
    texts->addWidget(m_legend, 2, 1);
    texts->setColumnStretch(1, 1);
    all->addLayout(texts);
    all->addWidget(m_grid, 1);
    return content;
}

void SamplesPage::makeToolBar(QBoxLayout& into)
{
    m_sample = new QSpinBox;
    m_sample->setObjectName(QStringLiteral("sample"));
    m_sample->setAccessibleName(tr("Sample"));
    m_sampleCount = new MutedLabel;
    m_step = new StepSlider(StepSlider::Playback::Off);
    m_marked = new QCheckBox(tr("Differences"));
    m_marked->setObjectName(QStringLiteral("markDifferences"));
    m_marked->setChecked(true);
    m_marked->setToolTip(tr("Marks the words in which answers and reference differ, as ROUGE-L compares them: neither "
                            "case nor a word's ending counts, nor letters outside a to z"));
    auto* ask = new QPushButton(tr("Ask this prompt\u2026"));
    ask->setObjectName(QStringLiteral("askSample"));
    ask->setToolTip(tr("Puts the prompt to the models anew, with other sampling or changed words"));
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    bar->addWidget(new MutedLabel(tr("Sample")));
    bar->addWidget(m_sample);
    bar->addWidget(m_sampleCount);
    bar->addSpacing(kSpace4);
    bar->addWidget(m_step, 1);
    bar->addWidget(m_marked);
    bar->addWidget(ask);
    into.addLayout(bar);
    connect(m_sample, &QSpinBox::valueChanged, this, &SamplesPage::fillSteps);
    connect(m_step, &StepSlider::stepChanged, this, &SamplesPage::showAnswers);
    connect(m_marked, &QCheckBox::toggled, this, [this] {
        showAnswers();
        Q_EMIT stateChanged();
    });
    connect(ask, &QPushButton::clicked, this, [this] {
        m_free->setPrompt(m_wholePrompt);
        m_tabs->setCurrentWidget(m_free);
    });
}

void SamplesPage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    if (selected != m_selected) {
        m_selected = std::move(selected);
        m_chosen.clear(); // the reference is compared with what was selected last, here or in the list
    }
    m_free->setRuns(shown);
    m_answers.setShown(std::move(shown));
    fillSteps();
}

void SamplesPage::setStepLink(StepLink& link)
{
    m_step->setLink(link);
}

void SamplesPage::fillSteps()
{
    std::set<std::int64_t> samples;
    for (const std::string& id : m_answers.shown()) {
        if (const AnswerCatalogue* run = m_answers.find(id)) {
            for (const auto& [sample, steps] : run->bySample) {
                samples.insert(sample);
            }
        }
    }
    m_samples.assign(samples.begin(), samples.end());
    {
        const QSignalBlocker blocker(m_sample);
        m_sample->setRange(1, std::max(1, static_cast<int>(m_samples.size())));
    }
    m_sampleCount->setText(tr("of %1").arg(m_samples.size()));
    std::set<std::int64_t> steps;
    if (!m_samples.empty()) {
        const std::int64_t sample = m_samples[static_cast<std::size_t>(m_sample->value() - 1)];
        for (const std::string& id : m_answers.shown()) {
            if (const AnswerCatalogue* run = m_answers.find(id); run && run->bySample.contains(sample)) {
                for (const auto& [step, place] : run->bySample.at(sample)) {
                    steps.insert(step);
                }
            }
        }
    }
    m_step->setSteps({steps.begin(), steps.end()});
    showAnswers();
}

void SamplesPage::showAnswers()
{
    showEmpty();
    const auto step = m_step->step();
    if (m_samples.empty() || !step) {
        return;
    }
    const std::int64_t sample = m_samples[static_cast<std::size_t>(m_sample->value() - 1)];
    const store::AnswerRow* any = nullptr;
    m_numBaselines = showBaselines(sample);
    std::size_t used = m_numBaselines;
    for (const std::string& id : m_answers.shown()) {
        const RunRecord* record = m_workspace.find(id);
        const AnswerCatalogue* run = m_answers.find(id);
        const QString problem = run ? QString() : m_answers.problemOf(id);
        if (!record || (!run && problem.isEmpty())) {
            continue; // it is being read
        }
        AnswerCard& card = m_grid->cardAt(used++);
        card.setRun(runTitle(*record), runColor(record->color),
                    std::find(m_selected.begin(), m_selected.end(), id) != m_selected.end());
        if (!run) {
            card.setMissing(problem);
            continue;
        }
        const store::AnswerRow* answer = answerNear(*run, sample, *step);
        any = answer ? answer : any;
        if (!answer) {
            card.setMissing(run->answers.empty() ? tr("This run generates no answers: its "
                                                      "validation.generate_samples is 0 or it has not "
                                                      "validated yet.")
                                                 : tr("No answer to this sample."));
            continue;
        }
        const QString when = answer->step == *step ? QString() : tr("nearest %1 \u00b7 ").arg(answer->step);
        card.setAnswer(when + scoreOf(*answer), trimmed(answer->answer), answer->reference, m_marked->isChecked());
    }
    m_grid->setCount(used);
    if (any) {
        m_wholePrompt = QString::fromStdString(any->prompt);
        const QString prompt = m_wholePrompt.trimmed();
        if (m_prompt->toPlainText() != prompt) { // keeps the scroll position while a run goes on
            m_prompt->setPlainText(prompt);
        }
    }
    showReference();
}

// The answer that was chosen last, else that of a selected run, else the first run's, else the first.
const AnswerCard* SamplesPage::chosenCard() const
{
    const std::vector<AnswerCard*>& cards = m_grid->cards();
    const auto compared = [](const AnswerCard* card) { return !card->reference().empty(); };
    const auto chosen = std::find_if(
        cards.begin(), cards.end(), [&](const AnswerCard* card) { return compared(card) && card->name() == m_chosen; });
    if (chosen != cards.end()) {
        return *chosen;
    }
    const auto runs = cards.begin() + static_cast<std::ptrdiff_t>(std::min(m_numBaselines, cards.size()));
    const auto selected = std::find_if(runs, cards.end(), [&](const AnswerCard* card) {
        return compared(card) && std::any_of(m_selected.begin(), m_selected.end(), [&](const std::string& id) {
                   return card->name() == runTitle(m_workspace, id);
               });
    });
    if (selected != cards.end()) {
        return *selected;
    }
    const auto first = std::find_if(runs, cards.end(), compared);
    if (first != cards.end()) {
        return *first;
    }
    const auto any = std::find_if(cards.begin(), runs, compared);
    return any == runs ? nullptr : *any;
}

void SamplesPage::showReference()
{
    const AnswerCard* card = chosenCard();
    const std::string reference = card != nullptr ? card->reference() : std::string();
    const auto sharesNoWord = [](const score::WordDifference& difference) { // all struck through, it would not be read
        return difference.common == 0 && difference.referenceWords() > 0;
    };
    const bool marked = card != nullptr && card->difference() && !card->difference()->notInAnswer.empty() &&
                        !sharesNoWord(*card->difference());
    m_reference->setTextFormat(marked ? Qt::RichText : Qt::PlainText);
    m_reference->setText(marked ? markedText(reference, card->difference()->notInAnswer, WordMark::NotInAnswer)
                                : QString::fromStdString(reference));
    m_legend->setVisible(card != nullptr && card->difference());
    if (card != nullptr && card->difference()) {
        const score::WordDifference& difference = *card->difference();
        if (sharesNoWord(difference)) {
            m_legend->setText(
                tr("%1: not in the reference. No word of the reference is in the answer of %2. A click on "
                   "an answer compares the reference with it.")
                    .arg(markedWords(tr("Underlined"), WordMark::NotInReference), card->name().toHtmlEscaped()));
            return;
        }
        m_legend->setText(
            tr("%1: not in the reference. %2: in the reference, not in the answer of %3 (%4 of %5 words). A click on "
               "an answer compares the reference with it.")
                .arg(markedWords(tr("Underlined"), WordMark::NotInReference),
                     markedWords(tr("Struck through"), WordMark::NotInAnswer), card->name().toHtmlEscaped(),
                     whole(static_cast<std::int64_t>(difference.notInAnswer.size())),
                     whole(static_cast<std::int64_t>(difference.referenceWords()))));
    }
}

// One card for each teacher and untrained student of the shown runs: seeds and methods share theirs.
std::size_t SamplesPage::showBaselines(std::int64_t sample)
{
    std::set<std::pair<store::ModelSide, std::string>> known; // by the model's folder
    std::vector<jobs::AskedColumn> columns;
    std::vector<const store::AnswerRow*> answers;
    for (const store::ModelSide of : {store::ModelSide::Teacher, store::ModelSide::Student}) {
        for (const std::string& id : m_answers.shown()) {
            const RunRecord* record = m_workspace.find(id);
            const AnswerCatalogue* run = m_answers.find(id);
            if (!record || !run) {
                continue;
            }
            const bool isTeacher = of == store::ModelSide::Teacher;
            for (const store::BaselineAnswerRow& row : run->baselines) {
                if (row.of != of || row.answer.sample != sample) {
                    continue;
                }
                const std::string& folder = isTeacher ? record->row.teacher : record->row.student;
                if (!known.emplace(of, folder + "\n" + row.answer.answer).second) {
                    continue;
                }
                columns.push_back({isTeacher ? jobs::AskedPart::Teacher : jobs::AskedPart::Untrained, id, {}, folder});
                answers.push_back(&row.answer);
            }
        }
    }
    const std::vector<jobs::BaselineName> names = jobs::baselineNames(columns);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        AnswerCard& card = m_grid->cardAt(i);
        card.setBaseline(names[i], runTitle(m_workspace, columns[i].runId),
                         columns[i].part == jobs::AskedPart::Teacher);
        card.setAnswer(scoreOf(*answers[i]), trimmed(answers[i]->answer), answers[i]->reference, m_marked->isChecked());
    }
    return columns.size();
}

void SamplesPage::showEmpty()
{
    if (!m_samples.empty()) {
        m_stack->showContent();
        return;
    }
    m_stack->showSentence(m_answers.whyEmpty(
        tr("No run is shown. Check the boxes of runs in the list to read their answers side by side."),
        tr("No shown run has generated answers yet. Runs with validation.generate_samples above 0 do so at every "
           "validation.")));
}

void SamplesPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_answers.refresh();
}

std::vector<Findable> SamplesPage::findables()
{
    std::vector<Findable> found;
    Findable& prompt = found.emplace_back();
    prompt.text = tr("Ask a free prompt");
    prompt.kind = tr("Samples");
    prompt.act = [this] {
        m_tabs->setCurrentWidget(m_free);
        m_free->setFocus();
    };
    Findable& marks = found.emplace_back();
    marks.text = tr("Mark differences in answers");
    marks.kind = tr("Samples");
    marks.act = [this] {
        m_tabs->setCurrentWidget(m_stack);
        m_marked->toggle();
    };
    return found;
}

QJsonObject SamplesPage::savedState() const
{
    return QJsonObject{{"differences", m_marked->isChecked()}};
}

void SamplesPage::restoreState(const QJsonObject& state)
{
    const QSignalBlocker blocker(m_marked);
    m_marked->setChecked(state.value("differences").toBool(true));
    showAnswers();
}

void SamplesPage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        showAnswers(); // the colours of the runs depend on the theme
    }
}

} // namespace dskd::ui
