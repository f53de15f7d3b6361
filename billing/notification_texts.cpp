#include "billing/notification_texts.h"

namespace gardu::billing {

namespace {

constexpr NotificationText kInvoiceIssued = {
    "invoice_issued",
    {"Tagihan {number}: {amount}",
     "Yth. {customer},\n\n"
     "Tagihan layanan internet Anda telah terbit.\n\n"
     "Nomor: {number}\nPaket: {package}\nNama pengguna: {username}\nPeriode: {period}\n"
     "Jumlah: {amount}\nJatuh tempo: {due_date}\nCara membayar: {how_to_pay}\n\n"
     "Terima kasih.\n{company}\n"},
    {"Invoice {number}: {amount}",
     "Dear {customer},\n\n"
     "This is the invoice for your internet service.\n\n"
     "Number: {number}\nPackage: {package}\nUser name: {username}\nPeriod: {period}\n"
     "Amount: {amount}\nDue date: {due_date}\nHow to pay: {how_to_pay}\n\n"
     "Thank you.\n{company}\n"}};

constexpr NotificationText kReminder = {
    "reminder",
    {"Pengingat pembayaran layanan internet",
     "Yth. {customer},\n\n"
     "Kami mengingatkan bahwa pembayaran layanan internet Anda akan jatuh tempo.\n\n"
     "Tagihan: {number}\nPaket: {package}\nNama pengguna: {username}\n"
     "Jumlah: {amount}\nJatuh tempo: {due_date}\nSisa waktu: {days} hari\nCara membayar: {how_to_pay}\n\n"
     "Abaikan pesan ini jika Anda sudah membayar. Terima kasih.\n{company}\n"},
    {"Payment reminder for your internet service",
     "Dear {customer},\n\n"
     "This is a reminder that the payment for your internet service is due soon.\n\n"
     "Invoice: {number}\nPackage: {package}\nUser name: {username}\n"
     "Amount: {amount}\nDue date: {due_date}\nDays left: {days}\nHow to pay: {how_to_pay}\n\n"
     "Please ignore this message if you have paid. Thank you.\n{company}\n"}};

constexpr NotificationText kOverdue = {
    "overdue",
    {"Pembayaran layanan internet terlambat",
     "Yth. {customer},\n\n"
     "Pembayaran layanan internet Anda belum kami terima dan sudah melewati jatuh tempo. Mohon segera "
     "membayar agar layanan tetap aktif.\n\n"
     "Tagihan: {number}\nPaket: {package}\nNama pengguna: {username}\n"
     "Jumlah: {amount}\nJatuh tempo: {due_date}\nCara membayar: {how_to_pay}\n\n"
     "Abaikan pesan ini jika Anda sudah membayar. Terima kasih.\n{company}\n"},
    {"Payment for your internet service is overdue",
     "Dear {customer},\n\n"
     "We have not received the payment for your internet service, and its due date has passed. Please pay "
     "soon to keep the service active.\n\n"
     "Invoice: {number}\nPackage: {package}\nUser name: {username}\n"
     "Amount: {amount}\nDue date: {due_date}\nHow to pay: {how_to_pay}\n\n"
     "Please ignore this message if you have paid. Thank you.\n{company}\n"}};

constexpr NotificationText kIsolated = {
    "isolated",
    {"Layanan internet Anda dihentikan sementara",
     "Yth. {customer},\n\n"
     "Layanan internet Anda dihentikan sementara karena pembayaran belum kami terima. Layanan aktif kembali "
     "setelah pembayaran kami terima.\n\n"
     "Tagihan: {number}\nPaket: {package}\nNama pengguna: {username}\n"
     "Jumlah: {amount}\nJatuh tempo: {due_date}\nCara membayar: {how_to_pay}\n\n"
     "Terima kasih.\n{company}\n"},
    {"Your internet service is on hold",
     "Dear {customer},\n\n"
     "Your internet service is on hold since we have not received the payment. It comes back when we "
     "receive it.\n\n"
     "Invoice: {number}\nPackage: {package}\nUser name: {username}\n"
     "Amount: {amount}\nDue date: {due_date}\nHow to pay: {how_to_pay}\n\n"
     "Thank you.\n{company}\n"}};

constexpr NotificationText kSuspended = {
    "suspended",
    {"Layanan internet Anda ditangguhkan",
     "Yth. {customer},\n\n"
     "Layanan internet Anda ditangguhkan karena pembayaran masih belum kami terima. Langganan dapat berakhir "
     "jika tidak dibayar.\n\n"
     "Tagihan: {number}\nPaket: {package}\nNama pengguna: {username}\n"
     "Jumlah: {amount}\nJatuh tempo: {due_date}\nCara membayar: {how_to_pay}\n\n"
     "Terima kasih.\n{company}\n"},
    {"Your internet service is suspended",
     "Dear {customer},\n\n"
     "Your internet service is suspended since we still have not received the payment. The subscription may "
     "end if it is not paid.\n\n"
     "Invoice: {number}\nPackage: {package}\nUser name: {username}\n"
     "Amount: {amount}\nDue date: {due_date}\nHow to pay: {how_to_pay}\n\n"
     "Thank you.\n{company}\n"}};

// Whether the router has done it yet is not known here.
constexpr NotificationText kRestored = {"restored",
                                        {"Layanan internet Anda segera aktif",
                                         "Yth. {customer},\n\n"
                                         "Layanan internet Anda segera aktif.\n\n"
                                         "Paket: {package}\nNama pengguna: {username}\nPeriode: {period}\n\n"
                                         "Terima kasih.\n{company}\n"},
                                        {"Your internet service will be active soon",
                                         "Dear {customer},\n\n"
                                         "Your internet service will be active soon.\n\n"
                                         "Package: {package}\nUser name: {username}\nPeriod: {period}\n\n"
                                         "Thank you.\n{company}\n"}};

constexpr NotificationText kPaymentReceived = {
    "payment_received",
    {"Pembayaran diterima: {amount}",
     "Yth. {customer},\n\n"
     "Pembayaran Anda telah kami terima.\n\n"
     "Jumlah: {amount}\nTagihan: {number}\nPaket: {package}\nNama pengguna: {username}\n"
     "Periode: {period}\n\n"
     "Terima kasih.\n{company}\n"},
    {"Payment received: {amount}",
     "Dear {customer},\n\n"
     "We have received your payment.\n\n"
     "Amount: {amount}\nInvoice: {number}\nPackage: {package}\nUser name: {username}\n"
     "Period: {period}\n\n"
     "Thank you.\n{company}\n"}};

constexpr NotificationText kTerminated = {
    "terminated",
    {"Langganan internet Anda telah berakhir",
     "Yth. {customer},\n\n"
     "Langganan internet Anda telah berakhir. Silakan menghubungi kami jika Anda ingin berlangganan "
     "kembali.\n\n"
     "Paket: {package}\nNama pengguna: {username}\nJumlah yang belum dibayar: {amount}\n\n"
     "Terima kasih.\n{company}\n"},
    {"Your internet subscription has ended",
     "Dear {customer},\n\n"
     "Your internet subscription has ended. Please contact us if you want to subscribe again.\n\n"
     "Package: {package}\nUser name: {username}\nAmount not paid: {amount}\n\n"
     "Thank you.\n{company}\n"}};

constexpr NotificationText kQuotaReached = {
    "quota_reached",
    {"Batas pemakaian data tercapai",
     "Yth. {customer},\n\n"
     "Pemakaian data Anda telah mencapai batas paket. Layanan disesuaikan sampai periode berikutnya.\n\n"
     "Paket: {package}\nNama pengguna: {username}\nPeriode: {period}\n\n"
     "Terima kasih.\n{company}\n"},
    {"Data limit reached",
     "Dear {customer},\n\n"
     "Your data usage has reached the limit of your package. The service is adjusted until the next "
     "period.\n\n"
     "Package: {package}\nUser name: {username}\nPeriod: {period}\n\n"
     "Thank you.\n{company}\n"}};

constexpr NotificationText kPaymentReversed = {
    "payment_reversed",
    {"Pembayaran dibatalkan: {amount}",
     "Yth. {customer},\n\n"
     "Pembayaran berikut telah dibatalkan. Mohon membayar kembali agar layanan tetap aktif.\n\n"
     "Jumlah: {amount}\nTagihan: {number}\nPaket: {package}\nNama pengguna: {username}\n"
     "Dibayar paling lambat: {due_date}\nCara membayar: {how_to_pay}\n\n"
     "Terima kasih.\n{company}\n"},
    {"Payment reversed: {amount}",
     "Dear {customer},\n\n"
     "This payment was reversed. Please pay again to keep the service active.\n\n"
     "Amount: {amount}\nInvoice: {number}\nPackage: {package}\nUser name: {username}\n"
     "Please pay by: {due_date}\nHow to pay: {how_to_pay}\n\n"
     "Thank you.\n{company}\n"}};

}  // namespace

const std::vector<NotificationText>& notificationTexts() {
    static const std::vector<NotificationText> texts = {
        kInvoiceIssued, kReminder,        kOverdue,    kIsolated,     kSuspended,
        kRestored,      kPaymentReceived, kTerminated, kQuotaReached, kPaymentReversed};
    return texts;
}

}  // namespace gardu::billing
