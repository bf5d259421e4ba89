// What stands where on the alignment page, and what its controls call. What they do is in alignment_page.cpp.

#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/step_slider.h"
#include "viz/heat_map_view.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 1000;

} // namespace

AlignmentPage::AlignmentPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_background(background),
      m_catalogues(workspace, background, this, kPollMs, readCatalogue,
                   [this](bool changed) { changed ? fillChoices() : showEmpty(); }),
      m_stack(new PageStack(this)), m_readout(new MutedLabel), m_tokens(new TokenRows)
{
    setObjectName(QStringLiteral("alignmentPage"));
    m_readout->setObjectName(QStringLiteral("readout"));
    m_readout->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_left = newSide(QStringLiteral("left"));
    m_right = newSide(QStringLiteral("right"));
    m_delta = newSide(QStringLiteral("difference"));

    auto* content = new QWidget(m_stack);
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    makeToolBar(*all);
    makeStepBar(*all);
    all->addWidget(m_tokens);
    auto* sides = new QHBoxLayout;
    sides->setSpacing(kSpace2);
    for (const Side* side : {&m_left, &m_right, &m_delta}) {
        sides->addWidget(side->frame, 1);
    }
    all->addLayout(sides, 1);
    all->addWidget(m_readout);
    m_stack->setContent(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    connect(m_tokens, &TokenRows::cursorCellChanged, this, &AlignmentPage::linkCursor);
    fillChoices();
}

AlignmentPage::Side AlignmentPage::newSide(const QString& name)
{
    Side side;
    side.frame = new QWidget(this);
    side.frame->setObjectName(name + QStringLiteral("Side"));
    side.title = new QLabel(side.frame);
    side.title->setObjectName(name + QStringLiteral("Title"));
    side.view = new viz::HeatMapView(side.frame);
    side.view->setObjectName(name + QStringLiteral("View"));
    side.view->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    auto* column = new QVBoxLayout(side.frame);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kSpace1);
    column->addWidget(side.title);
    column->addWidget(side.view, 1);
    viz::HeatMapView* view = side.view;
    connect(view, &viz::HeatMapView::cursorCellChanged, this, &AlignmentPage::linkCursor);
    connect(view, &viz::HeatMapView::visiblePartChanged, this, [this, view](const QRectF& part) {
        for (const Side* other : {&m_left, &m_right, &m_delta}) {
            if (other->view != view) {
                other->view->setVisiblePart(part);
            }
        }
    });
    return side;
}

void AlignmentPage::makeToolBar(QBoxLayout& into)
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    const auto newBox = [&](const char* name, const QString& title) {
        auto* box = new QComboBox;
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(title);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        auto* label = new MutedLabel(title);
        label->setBuddy(box);
        bar->addWidget(label);
        bar->addWidget(box);
        return box;
    };
    m_run = newBox("run", tr("Run"));
    m_other = newBox("other", tr("beside"));
    m_map = newBox("map", tr("Map"));
    m_sample = newBox("sample", tr("Sample"));
    bar->addStretch(1);
    into.addLayout(bar);

    for (QComboBox* box : {m_run, m_other}) {
        connect(box, &QComboBox::currentIndexChanged, this, [this] { m_followsList = false; });
    }
    for (QComboBox* box : {m_run, m_other, m_map, m_sample}) {
        connect(box, &QComboBox::currentIndexChanged, this, &AlignmentPage::fillChoices);
    }
}

void AlignmentPage::makeStepBar(QBoxLayout& into)
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    m_step = new StepSlider(StepSlider::Playback::On);
    bar->addWidget(m_step, 1);
    m_difference = new QCheckBox(tr("Difference"));
    m_difference->setObjectName(QStringLiteral("difference"));
    m_log = new QCheckBox(tr("Log colours"));
    m_log->setObjectName(QStringLiteral("logColours"));
    m_log->setToolTip(tr("Colours by log10 of the attention, from 0.0001: weak links become visible"));
    bar->addWidget(m_difference);
    bar->addWidget(m_log);
    into.addLayout(bar);
    connect(m_difference, &QCheckBox::toggled, this, &AlignmentPage::readMaps);
    connect(m_log, &QCheckBox::toggled, this, [this](bool on) {
        m_left.view->setLogScale(on);
        m_right.view->setLogScale(on);
    });
    connect(m_step, &StepSlider::stepChanged, this, &AlignmentPage::readMaps);
}

} // namespace dskd::ui
