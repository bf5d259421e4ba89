#include "ui/window/experiment_comparison.h"

#include "core/jobs/experiments.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <string>

namespace dskd::ui
{

namespace
{

Result<config::Plan> planOf(store::WorkspaceDb& workspace, std::int64_t id)
{
    const auto row = store::ExperimentTable(workspace).find("#" + std::to_string(id));
    return row ? jobs::planOf(workspace, *row) : Result<config::Plan>(row.failure());
}

QTableWidgetItem* cell(const std::string& text)
{
    auto* item = new QTableWidgetItem(shownName(text));
    item->setToolTip(plainHint(item->text()));
    return item;
}

} // namespace

ExperimentComparison::ExperimentComparison(const WorkspaceFeed& feed, Background& background, std::int64_t first,
                                           std::int64_t second, QWidget* parent)
    : QDialog(parent), m_feed(feed), m_background(background), m_sentence(new QLabel(this)),
      m_table(new QTableWidget(0, 3, this))
{
    setObjectName("experimentComparison");
    setWindowTitle(tr("Compare experiments"));
    for (auto other = feed.experiments().rbegin(); second == 0 && other != feed.experiments().rend(); ++other) {
        second = other->row.id == first ? 0 : other->row.id;
    }
    m_first = makeChoice(tr("First experiment"), first);
    m_second = makeChoice(tr("Second experiment"), second);
    m_sentence->setObjectName("comparisonSentence");
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    m_table->setObjectName("comparisonTable");
    m_table->setAccessibleName(tr("What differs"));
    m_table->verticalHeader()->hide();
    m_table->setShowGrid(false);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false); // Tab goes on to the buttons
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    auto* choices = new QHBoxLayout;
    choices->addWidget(m_first, 1);
    choices->addWidget(new QLabel(tr("and"), this));
    choices->addWidget(m_second, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto* charts = buttons->addButton(tr("&Draw the runs of both"), QDialogButtonBox::ActionRole);
    charts->setObjectName("drawBoth");
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(kSpace3);
    layout->addLayout(choices);
    layout->addWidget(m_sentence);
    layout->addWidget(m_table, 1);
    layout->addWidget(buttons);
    resize(680, 420);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(charts, &QPushButton::clicked, this, [this] {
        Q_EMIT chartsRequested({m_first->currentData().toLongLong(), m_second->currentData().toLongLong()});
        accept();
    });
    compare();
}

QComboBox* ExperimentComparison::makeChoice(const QString& name, std::int64_t chosen)
{
    auto* choice = new QComboBox(this);
    choice->setAccessibleName(name);
    choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    choice->setMinimumContentsLength(16);
    for (auto each = m_feed.experiments().rbegin(); each != m_feed.experiments().rend(); ++each) { // the newest first
        choice->addItem(shownName(each->row.name), QVariant::fromValue<qlonglong>(each->row.id));
    }
    choice->setCurrentIndex(choice->findData(QVariant::fromValue<qlonglong>(chosen)));
    connect(choice, &QComboBox::activated, this, &ExperimentComparison::compare);
    return choice;
}

void ExperimentComparison::compare()
{
    m_table->setHorizontalHeaderLabels({tr("Field"), m_first->currentText(), m_second->currentText()});
    m_background.run(
        this,
        [root = m_feed.workspace(), first = m_first->currentData().toLongLong(),
         second =
             m_second->currentData().toLongLong()](const std::atomic<bool>&) -> Result<std::vector<config::Change>> {
            store::WorkspaceDb workspace = store::WorkspaceDb::open(root).value();
            const auto before = planOf(workspace, first);
            if (!before) {
                return before.failure();
            }
            const auto after = planOf(workspace, second);
            return after ? Result<std::vector<config::Change>>(config::changes(*before, *after))
                         : Result<std::vector<config::Change>>(after.failure());
        },
        [this, asked = ++m_asked](const Result<std::vector<config::Change>>& changes) {
            if (asked != m_asked) {
                return;
            }
            setTone(*m_sentence, changes ? "" : "bad");
            showChanges(changes ? *changes : std::vector<config::Change>());
            if (!changes) {
                m_sentence->setText(windowWords(changes.failure().text()));
            }
        });
}

void ExperimentComparison::showChanges(const std::vector<config::Change>& changes)
{
    m_sentence->setText(changes.empty()       ? tr("Their newest revisions differ in nothing.")
                        : changes.size() == 1 ? tr("Their newest revisions differ in 1 field.")
                                              : tr("Their newest revisions differ in %1 fields.").arg(changes.size()));
    m_table->setRowCount(static_cast<int>(changes.size()));
    int row = 0;
    for (const config::Change& change : changes) {
        m_table->setItem(row, 0, cell(change.field));
        m_table->setItem(row, 1, cell(change.before));
        m_table->setItem(row, 2, cell(change.after));
        ++row;
    }
}

} // namespace dskd::ui
