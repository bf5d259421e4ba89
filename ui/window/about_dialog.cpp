#include "ui/window/about_dialog.h"

#include "core/base/version.h"
#include "core/jobs/launch.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QProcess>
#include <QVBoxLayout>
#include <sqlite3.h>

namespace dskd::ui
{

namespace
{

QString describe(const QJsonObject& about)
{
    QStringList lines{QObject::tr("dskd-worker %1, LibTorch %2, %3 CPU threads")
                          .arg(about["version"].toString(), about["libtorch"].toString())
                          .arg(about["threads"].toInt())};
    const QJsonObject cuda = about["cuda"].toObject();
    for (const QJsonValue& value : cuda["gpus"].toArray()) {
        const QJsonObject gpu = value.toObject();
        lines += QObject::tr("%1, %2").arg(gpu["name"].toString(), bytes(gpu["total_bytes"].toDouble()));
    }
    if (!cuda["available"].toBool()) {
        lines += QObject::tr("No GPU: %1").arg(cuda["reason"].toString());
    }
    return lines.join('\n');
}

} // namespace

AboutDialog::AboutDialog(QWidget* parent) : QDialog(parent), m_worker(new QLabel(tr("asking the worker …"), this))
{
    setObjectName("aboutDialog");
    setWindowTitle(tr("About DSKD Workbench"));
    auto* picture = new QLabel(this);
    picture->setPixmap(QIcon(":/icons/dskd.svg").pixmap(64, 64));
    auto* name = new QLabel(tr("DSKD Workbench %1").arg(QLatin1String(kVersion)), this);
    name->setFont(titleFont());
    auto* what =
        new QLabel(tr("Dual-space knowledge distillation of language models.\nSources: Apache-2.0. This program "
                      "is distributed under GPL-3.0, because it links Qt Charts."),
                   this);
    what->setWordWrap(true);
    auto* rows = new QFormLayout;
    rows->addRow(tr("Qt"), new QLabel(QLatin1String(qVersion()), this));
    rows->addRow(tr("SQLite"), new QLabel(QLatin1String(sqlite3_libversion()), this));
    m_worker->setObjectName("aboutWorker");
    m_worker->setWordWrap(true);
    m_worker->setTextInteractionFlags(Qt::TextSelectableByMouse);
    rows->addRow(tr("Worker"), m_worker);
    auto* texts = new QVBoxLayout;
    texts->addWidget(name);
    texts->addWidget(what);
    texts->addSpacing(kSpace2);
    texts->addLayout(rows);
    auto* top = new QHBoxLayout;
    top->setSpacing(kSpace4);
    top->addWidget(picture, 0, Qt::AlignTop);
    top->addLayout(texts, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kSpace4, kSpace4, kSpace4, kSpace4);
    layout->addLayout(top);
    layout->addWidget(buttons);
    resize(480, sizeHint().height());
    askWorker();
}

void AboutDialog::askWorker()
{
    const auto program = jobs::findWorker();
    if (!program) {
        m_worker->setText(windowWords(program.failure().text()));
        return;
    }
    // The handlers belong to the label that they write to: a process that is killed with the dialog emits its end while
    // the dialog's parts are being deleted.
    m_process = new QProcess;
    connect(m_process, &QProcess::finished, m_worker, [label = m_worker, process = m_process.data()](int code) {
        const QJsonObject about = QJsonDocument::fromJson(process->readAllStandardOutput()).object();
        label->setText(about.isEmpty() ? tr("The worker ended with code %1 and printed nothing about itself.").arg(code)
                                       : describe(about));
    });
    connect(m_process, &QProcess::errorOccurred, m_worker,
            [label = m_worker, process = m_process.data()] { label->setText(process->errorString()); });
    connect(m_process, &QProcess::finished, m_process, &QObject::deleteLater);
    m_process->start(QString::fromStdString(program->string()), {"--version", "--json"});
}

AboutDialog::~AboutDialog()
{
    if (!m_process) {
        return;
    }
    m_process->disconnect(m_worker);
    if (m_process->state() == QProcess::NotRunning) {
        delete m_process.data(); // it could not be started
    } else {
        m_process->kill(); // and goes when it has ended: deleting it now would wait for that
    }
}

} // namespace dskd::ui
