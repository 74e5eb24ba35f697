// What a finished TLS handshake tells the session.
#pragma once

#include <string>

namespace malaposta::protocol {

struct Handshake {
  std::string description;   // for the journal: "TLSv1.3 TLS_AES_256_GCM_SHA384"
  std::string client_name;   // the common name in the client's certificate; empty if it showed none
  // Channel bindings, raw; empty where this version of TLS has none.
  std::string tls_unique;    // RFC 5929 section 3: up to TLS 1.2
  std::string tls_exporter;  // RFC 9266: TLS 1.3
};

}  // namespace malaposta::protocol
