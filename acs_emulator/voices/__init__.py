"""Voices that the emulator ships: five people, about ten seconds each, made with espeak-ng."""
