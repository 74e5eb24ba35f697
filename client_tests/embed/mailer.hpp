// The code under test of docs/embedding.md.
#pragma once

#include <cstdint>
#include <string>

// Sends one message, of the subject "Invoice" to customer@example.test, and tries again up to five times where that fails for now.
void send_invoice(const std::string& host, std::uint16_t port);
