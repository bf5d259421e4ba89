// What stands where on the alignment page, and what its controls call. What they do is in alignment_page.cpp.

#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/quiet_label.h"
#include "viz/heat_map_view.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QPushButton>
#include <QSlider>
#include <QStackedWidget>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 1000;
constexpr int kPlayMs = 400;

} // namespace

AlignmentPage::AlignmentPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_background(background), m_stack(new QStackedWidget(this)),
      m_empty(newEmptyState({}, m_stack)), m_readout(new QuietLabel), m_tokens(new TokenRows)
{
    setObjectName(QStringLiteral("alignmentPage"));
    m_empty->setObjectName(QStringLiteral("emptyState"));
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
    m_stack->addWidget(m_empty);
    m_stack->addWidget(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    connect(m_tokens, &TokenRows::cursorCellChanged, this, &AlignmentPage::linkCursor);
    m_poll.setInterval(kPollMs);
    connect(&m_poll, &QTimer::timeout, this, &AlignmentPage::readCatalogues);
    m_poll.start();
    m_player.setInterval(kPlayMs);
    connect(&m_player, &QTimer::timeout, this, [this] {
        if (m_slider->value() >= m_slider->maximum()) {
            play(false);
        } else {
            m_slider->setValue(m_slider->value() + 1);
        }
    });
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
        auto* label = new QuietLabel(title);
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
    m_play = new QPushButton(tr("Play"));
    m_play->setObjectName(QStringLiteral("play"));
    m_play->setCheckable(true);
    m_play->setMinimumWidth(m_play->fontMetrics().horizontalAdvance(tr("Pause")) + 2 * kSpace6);
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(QStringLiteral("step"));
    m_slider->setAccessibleName(tr("Step"));
    m_slider->setPageStep(1);
    m_slider->setTickPosition(QSlider::TicksBelow);
    m_slider->setTickInterval(1);
    m_stepText = new QLabel;
    m_stepText->setObjectName(QStringLiteral("stepText"));
    m_stepText->setMinimumWidth(m_stepText->fontMetrics().horizontalAdvance(QStringLiteral("step 100000 of 100000")));
    bar->addWidget(m_play);
    bar->addWidget(m_slider, 1);
    bar->addWidget(m_stepText);
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
    connect(m_slider, &QSlider::valueChanged, this, &AlignmentPage::readMaps);
    connect(m_play, &QPushButton::toggled, this, &AlignmentPage::play);
}

} // namespace dskd::ui
