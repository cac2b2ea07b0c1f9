module Skep
  # What went wrong, in words that a person can act on.
  class LoadFailed < StandardError; end

  # The method `handle` that handler.rb defines at its top, in `Handler`, or as a lambda in HANDLER.
  def self.load_handler(folder)
    file = File.join(folder, "handler.rb")
    raise LoadFailed, "There is no handler in #{folder}: looked for handler.rb." unless File.file?(file)

    use_packages(folder)
    $LOAD_PATH.unshift(folder)
    begin
      require File.realpath(file)
    rescue StandardError, ScriptError, SystemExit => error
      raise LoadFailed, "#{place_of(error, folder)}: #{error.class}: #{error.message.lines.first&.strip}"
    end
    found = TOPLEVEL_BINDING.eval("method(:handle) if respond_to?(:handle, true)")
    return taking_both(found) if found

    raise LoadFailed, 'handler.rb has no method "handle". Write: def handle(event, context) = "an answer"'
  end

  # A handler may leave out the context, or the event too.
  def self.taking_both(handler)
    case handler.arity
    when 0 then ->(_event, _context) { handler.call }
    when 1 then ->(event, _context) { handler.call(event) }
    else handler
    end
  end

  # Gems lie in the folder when they were installed there, and beside it in an image.
  def self.use_packages(folder)
    gemfile = [folder, File.dirname(folder)].map { |place| File.join(place, "Gemfile") }.find do |file|
      File.exist?(file) && File.directory?(File.join(File.dirname(file), "packages"))
    end
    return unless gemfile

    ENV["BUNDLE_GEMFILE"] = gemfile
    ENV["BUNDLE_PATH"] = File.join(File.dirname(gemfile), "packages")
    ENV["BUNDLE_WITHOUT"] = "development:test"
    require "bundler/setup"
  end

  # `handler.rb:3`, the last line of the user's own code that had a part in it.
  def self.place_of(error, folder)
    places = [*error.backtrace, error.message].map { |line| line[%r{\A#{Regexp.escape(File.realpath(folder))}/(.+?:\d+)}, 1] }
    places.compact.first || "handler.rb"
  end
end
