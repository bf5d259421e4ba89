// What stands where in the panel of a free prompt, and what its controls call. What they do is in free_prompt.cpp.

#include "core/config/schema/experiment.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/samples/answer_grid.h"
#include "ui/pages/samples/free_prompt.h"
#include "ui/pages/samples/run_chooser.h"
#include "ui/pages/shared/muted_label.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <limits>

namespace dskd::ui
{
namespace
{

constexpr int kPromptLines = 5;
constexpr int kLongestAnswer = 100'000; // tokens; a model ends sooner where it has no more positions

void addLabelled(QBoxLayout& bar, const char* name, const QString& title, const QString& hint, QWidget* widget)
{
    widget->setObjectName(QString::fromLatin1(name));
    widget->setAccessibleName(title);
    widget->setToolTip(hint);
    auto* label = new MutedLabel(title);
    label->setBuddy(widget);
    bar.addWidget(label);
    bar.addWidget(widget);
}

QCheckBox* addCheck(QBoxLayout& bar, const char* name, const QString& title, const QString& hint)
{
    auto* check = new QCheckBox(title);
    check->setObjectName(QString::fromLatin1(name));
    check->setToolTip(hint);
    bar.addWidget(check);
    return check;
}

} // namespace

FreePrompt::FreePrompt(const WorkspaceFeed& workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_prompt(new QPlainTextEdit), m_status(new QLabel),
      m_grid(new AnswerGrid), m_background(QStringLiteral("ask"))
{
    setObjectName(QStringLiteral("freePromptPanel"));
    m_prompt->setObjectName(QStringLiteral("freePrompt"));
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setPlaceholderText(tr("A prompt for the shown runs, their teacher and the untrained student"));
    m_prompt->setTabChangesFocus(true);
    m_prompt->setFixedHeight(kPromptLines * m_prompt->fontMetrics().lineSpacing() + 2 * kSpace2);
    m_prompt->installEventFilter(this);
    setFocusProxy(m_prompt);
    m_status->setObjectName(QStringLiteral("askStatus"));
    m_status->setTextFormat(Qt::PlainText);
    m_status->setWordWrap(true);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    all->addWidget(m_prompt);
    for (void (FreePrompt::*make)(QBoxLayout&) :
         {&FreePrompt::makeModels, &FreePrompt::makeSampling, &FreePrompt::makeActions}) {
        auto* bar = new QHBoxLayout; // three, because 1280 x 720 must fit
        bar->setSpacing(kSpace2);
        (this->*make)(*bar);
        all->addLayout(bar);
    }
    all->addWidget(m_status);
    all->addWidget(m_grid, 1);
    connect(m_prompt, &QPlainTextEdit::textChanged, this, &FreePrompt::showEnabled);
    connect(m_runs, &RunChooser::changed, this, &FreePrompt::showEnabled);
    connect(m_sampling, &QComboBox::currentIndexChanged, this, &FreePrompt::showEnabled);
    connect(m_ask, &QPushButton::clicked, this, &FreePrompt::askNow);
    connect(m_stop, &QPushButton::clicked, this, &FreePrompt::cancel);
    connect(&workspace, &WorkspaceFeed::runsChanged, this, [this] { setRuns(m_shown); }); // names change
    say(tr("Nothing of this is kept. The same prompt, seed and settings give the same answers."));
    showEnabled();
}

void FreePrompt::makeModels(QBoxLayout& into)
{
    m_runs = new RunChooser;
    addLabelled(into, "askRuns", tr("Models of"), tr("Which of the shown runs answer"), m_runs);
    m_checkpoint = new QComboBox;
    using Which = jobs::CheckpointChoice::Which;
    m_checkpoint->addItem(tr("newest"), static_cast<int>(Which::Newest));
    m_checkpoint->addItem(tr("best"), static_cast<int>(Which::Best));
    addLabelled(into, "askCheckpoint", tr("Checkpoint"),
                tr("The newest of each run, or the one with the lowest validation loss"), m_checkpoint);
    m_teacher = addCheck(into, "askTeacher", tr("Teacher"), tr("The teachers of these runs answer too"));
    m_untrained = addCheck(into, "askUntrained", tr("Untrained student"),
                           tr("The students of these runs answer too, as they were before the first step"));
    m_teacher->setChecked(true);
    m_untrained->setChecked(true);
    into.addStretch(1);
}

void FreePrompt::makeSampling(QBoxLayout& into)
{
    const config::ValidationConfig defaults;
    m_sampling = new QComboBox;
    m_sampling->addItem(tr("greedy"), false);
    m_sampling->addItem(tr("sampled"), true);
    addLabelled(into, "askSampling", tr("Tokens"),
                tr("Greedy: the most likely token each time. Sampled: drawn by their probabilities"), m_sampling);
    m_temperature = new QDoubleSpinBox;
    m_temperature->setRange(0.05, 5.0);
    m_temperature->setSingleStep(0.1);
    m_temperature->setValue(1.0);
    addLabelled(into, "askTemperature", tr("Temperature"), tr("Below 1 likely tokens are drawn more often"),
                m_temperature);
    m_topP = new QDoubleSpinBox;
    m_topP->setRange(0.01, 1.0);
    m_topP->setSingleStep(0.05);
    m_topP->setValue(defaults.topP);
    addLabelled(into, "askTopP", tr("Top-p"), tr("Draws from the smallest set of tokens with this probability; 1: all"),
                m_topP);
    m_seed = new QSpinBox;
    m_seed->setRange(0, std::numeric_limits<int>::max());
    m_seed->setValue(static_cast<int>(jobs::AskedPrompt{}.seed));
    addLabelled(into, "askSeed", tr("Seed"), tr("The same prompt and seed give the same answers"), m_seed);
    into.addStretch(1);
}

void FreePrompt::makeActions(QBoxLayout& into)
{
    m_length = new QSpinBox;
    m_length->setRange(1, kLongestAnswer);
    m_length->setValue(static_cast<int>(config::ValidationConfig{}.maxNewTokens));
    addLabelled(into, "askLength", tr("At most"),
                tr("Length of an answer in tokens; less where the prompt leaves the model fewer positions"), m_length);
    into.addWidget(new MutedLabel(tr("tokens")));
    m_device = new QComboBox;
    m_device->addItem(tr("as trained"));
    m_device->addItem(tr("CPU"), static_cast<int>(config::Device::Cpu));
    addLabelled(into, "askDevice", tr("On"),
                tr("Where the answers are computed. A model on the GPU takes memory that a training there may need"),
                m_device);
    m_asItIs = addCheck(into, "askAsItIs", tr("Without template"),
                        tr("The prompt as it is, not in the prompt template that each run was trained with"));
    m_cut = addCheck(into, "askCut", tr("Cut a long prompt"),
                     tr("A prompt that is too long for a model is cut as an evaluation of its run cuts prompts; else "
                        "that model refuses it"));
    into.addStretch(1);
    m_ask = new QPushButton(tr("Ask"));
    m_ask->setObjectName(QStringLiteral("ask"));
    m_ask->setToolTip(tr("Ctrl+Return"));
    m_stop = new QPushButton(tr("Cancel"));
    m_stop->setObjectName(QStringLiteral("askCancel"));
    into.addWidget(m_ask);
    into.addWidget(m_stop);
}

} // namespace dskd::ui
