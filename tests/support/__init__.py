"""What several tests share: real servers, real databases, real logins."""
