// What Mailpit tells its own page of how it was started. Nothing is relayed, and no message is scored.
#include <boost/json.hpp>

#include "http/handlers.hpp"

namespace malaposta::http {

Answer webui(const Request&, Api&) {
  return json({{"Label", ""},
               {"MessageRelay",
                {{"Enabled", false},
                 {"SMTPServer", ""},
                 {"ReturnPath", ""},
                 {"AllowedRecipients", ""},
                 {"BlockedRecipients", ""},
                 {"OverrideFrom", ""},
                 {"PreserveMessageIDs", false}}},
               {"SpamAssassin", false},
               {"ChaosEnabled", true},
               {"DuplicatesIgnored", false},
               {"HideDeleteAllButton", false}});
}

}  // namespace malaposta::http
