// The authority that signs the certificates of TLS listeners: what clients have to trust, also of scenarios that came over HTTP.
#include "http/handlers.hpp"

namespace malaposta::http {

Answer ca(const Request&, Api& api) {
  Response response{200, "application/pem-certificate-chain", api.smtp->ca_pem(), {}};
  if (response.body.empty()) return error(404, "no scenario that is or was played shows a certificate of this server's own authority");
  return response;
}

}  // namespace malaposta::http
