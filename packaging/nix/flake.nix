# nix run '.?dir=packaging/nix' -- serve
{
  description = "An SMTP server that misbehaves on purpose";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.05";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in {
      packages = each (pkgs: {
        default = pkgs.stdenv.mkDerivation {
          pname = "malaposta";
          version = "0.1.0";
          src = ../..;
          nativeBuildInputs = with pkgs; [ cmake ninja pkg-config ];
          buildInputs = with pkgs; [ boost fmt gmime3 gsasl libfyaml openssl prometheus-cpp pugixml re2 sqlite sqlitecpp ];
          # The web page would need npm, and that the network.
          cmakeFlags = [ "-DMALAPOSTA_TESTS=OFF" "-DMALAPOSTA_WEB=OFF" ];
          meta = {
            license = pkgs.lib.licenses.asl20;
            mainProgram = "malaposta";
            platforms = systems;
          };
        };
      });
    };
}
