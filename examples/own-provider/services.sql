CREATE TABLE services (name TEXT, host TEXT, endpoint TEXT);
INSERT INTO services VALUES
  ('web', 'web.example.com', '127.0.0.1:5678'),
  ('web', 'web.example.com', '127.0.0.1:5679'),
  ('api', 'api.example.com', '127.0.0.1:5679');
