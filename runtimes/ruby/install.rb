# Installs what the Gemfile in this folder asks for, if it asks for anything: so that a function without dependencies needs
# neither Bundler nor a registry.
wanted = File.exist?("Gemfile") && File.readlines("Gemfile").any? { |line| line.match?(/^\s*gem(spec)?\b/) }
exit unless wanted
ENV["BUNDLE_PATH"] = "packages"
ENV["BUNDLE_WITHOUT"] = "development:test"
installed = system("bundle", "install", "--quiet")
warn "Bundler cannot be run: there is no program \"bundle\"." if installed.nil?
exit installed ? 0 : 1
